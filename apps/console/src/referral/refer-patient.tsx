import { Alert, Anchor, Button, Fieldset, Group, Radio, Select, SimpleGrid, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { useRef, useState } from 'react';
import { Link } from 'react-router';
import { nameOf } from '../patient/name-of.js';
import { REFERRERS } from '../patient/occasion-words.js';
import { useMayRefer } from '../session/session.js';
import { useKey } from '../worklist/task-form.js';
import { KnownPatient, type FoundPatient } from './known-patient.js';
import { EMPTY, problemsOf, type Problems, type ReferralDraft } from './referral-draft.js';
import { useRefer } from './use-refer.js';

interface FieldsProps {
  readonly draft: ReferralDraft;
  readonly problems: Problems;
  readonly onChange: (change: Partial<ReferralDraft>) => void;
}

/** The door for a patient who does not come from a hospital. */
export const ReferPatient = () => {
  const may = useMayRefer();
  return (
    <Stack maw={720}>
      <Title order={1} size="h2">
        Refer a patient
      </Title>
      <Text c="dimmed">Somebody asks that a patient be looked after, without a stay in hospital. The tasks come on the worklist of the care coordinators.</Text>
      {may ? <ReferralForm /> : <Alert title="Not allowed">Coordinators, nurses and administrators can refer a patient.</Alert>}
    </Stack>
  );
};

const ReferralForm = () => {
  const refer = useRefer();
  const [draft, setDraft] = useState(EMPTY);
  const [tried, setTried] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const key = useKey(draft);
  const problems = tried ? problemsOf(draft, Date.now()) : {};
  const change = (part: Partial<ReferralDraft>): void => {
    refer.reset();
    setDraft((before) => ({ ...before, ...part }));
  };
  const submit = (): void => {
    setTried(true);
    if (Object.keys(problemsOf(draft, Date.now())).length > 0) {
      // The first field that is wrong, once it is marked.
      setTimeout(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"], [data-wrong] input')?.focus());
      return;
    }
    refer.mutate({ draft, key }, { onSuccess: () => { setDraft(EMPTY); setTried(false); } });
  };
  return (
    <form
      ref={form}
      noValidate
      aria-label="Refer a patient"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack>
        <WhoFields draft={draft} problems={problems} onChange={change} />
        <WhatFields draft={draft} problems={problems} onChange={change} />
        <div role="status">
          {refer.data && (
            <Alert color="teal" title={refer.data.repeat ? 'It was received before' : 'Referral received'}>
              The tasks come on the <Anchor component={Link} to="/">worklist</Anchor> in a moment.
            </Alert>
          )}
        </div>
        {refer.error && (
          <Alert color="red" title="Not sent">
            {refer.error.message}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button component={Link} to="/" variant="default">
            Back to the worklist
          </Button>
          <Button type="submit" loading={refer.isPending}>
            Refer
          </Button>
        </Group>
      </Stack>
    </form>
  );
};

/** Of somebody known only the number is sent: who they are was said by others, and is not overwritten here. */
const WhoFields = ({ draft, problems, onChange }: FieldsProps) => {
  const choose = (patient: FoundPatient | null): void =>
    onChange(patient ? { ...EMPTY, ...keptOf(draft), known: { id: patient.id, name: nameOf(patient) }, number: patient.recordNumber ?? '', authority: patient.recordAuthority ?? '' } : { known: null, number: '', authority: '' });
  const text = (field: 'number' | 'authority' | 'family' | 'given' | 'birthDate' | 'phone') => ({ value: draft[field], error: problems[field], onChange: (event: { currentTarget: { value: string } }) => onChange({ [field]: event.currentTarget.value }) });
  return (
    <Fieldset legend="Who">
      <Stack>
        <KnownPatient chosen={draft.known} onChoose={choose} />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput label="Number" description="Of a record, or a member" withAsterisk readOnly={!!draft.known} {...text('number')} />
          <TextInput label="Given by" description="Who numbers so: a clinic, a plan" withAsterisk readOnly={!!draft.known} {...text('authority')} />
          {!draft.known && (
            <>
              <TextInput label="Family name" withAsterisk autoComplete="off" {...text('family')} />
              <TextInput label="Given name" withAsterisk autoComplete="off" {...text('given')} />
              <TextInput type="date" label="Birth date" {...text('birthDate')} />
              <TextInput type="tel" label="Telephone" autoComplete="off" {...text('phone')} />
            </>
          )}
        </SimpleGrid>
      </Stack>
    </Fieldset>
  );
};

const keptOf = ({ by, reason, urgency, askedAt }: ReferralDraft): Partial<ReferralDraft> => ({ by, reason, urgency, askedAt });

const WhatFields = ({ draft, problems, onChange }: FieldsProps) => (
  <Fieldset legend="What for">
    <Stack>
      <Select label="Who asks" data={REFERRERS} value={draft.by} onChange={(by) => onChange({ by })} allowDeselect={false} withAsterisk error={problems.by} />
      <Textarea label="Reason" description="A new diagnosis, a need. Colleagues read it in the timeline." withAsterisk autosize minRows={2} maxLength={500} value={draft.reason} error={problems.reason} onChange={(event) => onChange({ reason: event.currentTarget.value })} />
      <Radio.Group label="Urgency" withAsterisk value={draft.urgency} onChange={(urgency) => onChange({ urgency: urgency as ReferralDraft['urgency'] })} error={problems.urgency} {...(problems.urgency ? { 'data-wrong': true } : {})}>
        <Group mt="xs">
          <Radio value="routine" label="Routine: a first contact within two business days" />
          <Radio value="urgent" label="Urgent: within one" />
        </Group>
      </Radio.Group>
      <TextInput type="datetime-local" label="Asked at" description="Left empty: now" value={draft.askedAt} error={problems.askedAt} onChange={(event) => onChange({ askedAt: event.currentTarget.value })} />
    </Stack>
  </Fieldset>
);

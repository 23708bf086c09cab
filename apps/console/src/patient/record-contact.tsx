import { Modal, Select, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { DialogButtons } from '../dialog-buttons.js';
import type { Episode } from '../shapes.js';
import { useRecordContact } from '../worklist/task-changes.js';
import { occasionWords } from './occasion-words.js';

interface RecordContactProps {
  readonly opened: boolean;
  readonly patientId: string;
  /** What it can be about. */
  readonly episodes: readonly Episode[];
  readonly onClose: () => void;
}

const MODES = [
  { value: 'telephone', label: 'Telephone' },
  { value: 'in-person', label: 'In person' },
  { value: 'video', label: 'Video' },
  { value: 'message', label: 'Message, answered' },
];
const WITH = [
  { value: 'patient', label: 'Patient' },
  { value: 'caregiver', label: 'Caregiver' },
];
const OUTCOMES = [
  { value: 'reached', label: 'Reached: needs and status talked over' },
  { value: 'no-answer', label: 'No answer' },
  { value: 'left-message', label: 'Left a message' },
  { value: 'wrong-number', label: 'Wrong number' },
  { value: 'declined', label: 'Declined' },
];

export const RecordContact = ({ opened, ...rest }: RecordContactProps) => (
  <Modal opened={opened} onClose={rest.onClose} title="Record a contact" closeButtonProps={{ 'aria-label': 'Close' }}>
    {opened && <Form {...rest} />}
  </Modal>
);

const Form = ({ patientId, episodes, onClose }: Omit<RecordContactProps, 'opened'>) => {
  const record = useRecordContact();
  // One key per opened form: sending it twice records one contact.
  const [key] = useState(() => crypto.randomUUID());
  const [mode, setMode] = useState<string | null>('telephone');
  const [partner, setPartner] = useState<string | null>('patient');
  const [outcome, setOutcome] = useState<string | null>(null);
  const [about, setAbout] = useState<string | null>(episodes.length === 1 ? episodes[0]!.id : null);
  const [missing, setMissing] = useState(false);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!mode || !partner || !outcome || (!about && episodes.length > 1)) return setMissing(true);
        record.mutate({ key, contact: { patientId, episodeId: about ?? undefined, at: new Date().toISOString(), mode, with: partner, outcome } }, { onSuccess: onClose });
      }}
    >
      <Stack>
        {episodes.length > 1 && (
          <Select
            label="About"
            data={episodes.map((episode) => ({ value: episode.id, label: occasionWords(episode) }))}
            value={about}
            onChange={setAbout}
            allowDeselect={false}
            withAsterisk
            error={missing && !about ? 'Choose which follow-up it was about' : undefined}
          />
        )}
        <Select label="How" data={MODES} value={mode} onChange={setMode} allowDeselect={false} withAsterisk />
        <Select label="With whom" data={WITH} value={partner} onChange={setPartner} allowDeselect={false} withAsterisk />
        <Select label="Outcome" data={OUTCOMES} value={outcome} onChange={setOutcome} withAsterisk error={missing && !outcome ? 'Choose what came of it' : undefined} />
        <Text size="sm" c="dimmed">
          Only a person who reached the patient or a caregiver clears the contact task; a message left does not.
        </Text>
        <DialogButtons verb="Record" busy={record.isPending} onClose={onClose} />
      </Stack>
    </form>
  );
};

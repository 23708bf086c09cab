import { Button, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useRecordContact } from '../worklist/task-changes.js';

interface RecordContactProps {
  readonly opened: boolean;
  readonly patientId: string;
  readonly episodeId: string | undefined;
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

const Form = ({ patientId, episodeId, onClose }: Omit<RecordContactProps, 'opened'>) => {
  const record = useRecordContact();
  // One key per opened form: sending it twice records one contact.
  const [key] = useState(() => crypto.randomUUID());
  const [mode, setMode] = useState<string | null>('telephone');
  const [partner, setPartner] = useState<string | null>('patient');
  const [outcome, setOutcome] = useState<string | null>(null);
  const [missing, setMissing] = useState(false);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!mode || !partner || !outcome) return setMissing(true);
        record.mutate({ key, contact: { patientId, episodeId, at: new Date().toISOString(), mode, with: partner, outcome } }, { onSuccess: onClose });
      }}
    >
      <Stack>
        <Select label="How" data={MODES} value={mode} onChange={setMode} allowDeselect={false} withAsterisk />
        <Select label="With whom" data={WITH} value={partner} onChange={setPartner} allowDeselect={false} withAsterisk />
        <Select label="Outcome" data={OUTCOMES} value={outcome} onChange={setOutcome} withAsterisk error={missing && !outcome ? 'Choose what came of it' : undefined} />
        <Text size="sm" c="dimmed">
          Only a person who reached the patient or a caregiver clears the contact task; a message left does not.
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={record.isPending}>
            Record
          </Button>
        </Group>
      </Stack>
    </form>
  );
};

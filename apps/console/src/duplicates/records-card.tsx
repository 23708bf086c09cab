import { Button, Group, List, Modal, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { get } from '../api.js';
import { Card } from '../patient/card.js';
import { useMayPart } from '../session/session.js';
import { useKey } from '../worklist/task-form.js';
import { numberWords, recordWords, usePart, type PatientRecord } from './pair.js';
import { ReasonForm } from './reason-form.js';

/** A record of the person, and the id it goes by. */
interface OwnRecord extends PatientRecord {
  readonly goesBy: string;
}

/** Where several records name one person: which they are, and the way back when that was wrong. */
export const RecordsCard = ({ patientId }: { readonly patientId: string }) => {
  const may = useMayPart();
  const { data } = useQuery({ queryKey: ['records', patientId], queryFn: () => get<{ readonly records: readonly OwnRecord[] }>(`/api/intake/patients/${patientId}`) });
  const [parting, setParting] = useState<OwnRecord | null>(null);
  const records = data?.records ?? [];
  if (records.length < 2 && !parting) return null;
  return (
    <Card title="Records of this person">
      <List size="sm" listStyleType="none" spacing="xs">
        {records.map((record) => (
          <List.Item key={record.id}>
            <Group gap="xs">
              <Text size="sm">
                {record.name}, {recordWords(record)}
              </Text>
              {record.goesBy === record.id ? (
                <Text size="sm" c="dimmed">
                  stands
                </Text>
              ) : (
                may && (
                  <Button size="compact-xs" variant="default" aria-label={`Another person’s after all: ${numberWords(record)}`} onClick={() => setParting(record)}>
                    Another person&rsquo;s after all
                  </Button>
                )
              )}
            </Group>
          </List.Item>
        ))}
      </List>
      <Modal opened={!!parting} onClose={() => setParting(null)} title="Another person’s after all" closeButtonProps={{ 'aria-label': 'Close' }}>
        {parting && <PartForm record={parting} onClose={() => setParting(null)} />}
      </Modal>
    </Card>
  );
};

const PartForm = ({ record, onClose }: { readonly record: OwnRecord; readonly onClose: () => void }) => {
  const part = usePart();
  const [reason, setReason] = useState('');
  const key = useKey(record.id, reason);
  return (
    <ReasonForm verb="Part them" change={part} reason={reason} onReason={setReason} onSubmit={(said) => part.mutate({ id: record.id, reason: said, key }, { onSuccess: onClose })} onClose={onClose}>
      {() => (
        <Text size="sm">
          {record.name}, {recordWords(record)}, goes by its own again: what depends on the whole person is decided anew for both. What people did meanwhile stands in both timelines.
        </Text>
      )}
    </ReasonForm>
  );
};

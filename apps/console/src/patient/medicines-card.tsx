import { Badge, Button, Group, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { get, type Page } from '../api.js';
import type { MedicationLine, Reconciliation } from '../shapes.js';
import { when } from '../time-words.js';
import { useCompleteReconciliation } from '../worklist/task-changes.js';
import { useSession } from '../session/session.js';
import { Card } from './card.js';
import { withoutNotices } from './without-notices.js';

const base = '/api/medication-reconciliation';

/** A medicine that its source ended is shown, and never as one that is taken. */
const STATUS = { stopped: 'stopped', cancelled: 'cancelled', 'on-hold': 'on hold', completed: 'completed' } as const;
/** An order is what a list of medicines is made of, and is not said. */
const BASIS = { ordered: '', dispensed: 'dispensed', administered: 'given in hospital' } as const;

const words = (parts: readonly (string | null | undefined)[], between = ' '): string => parts.filter(Boolean).join(between);

const detailsOf = ({ basis, dose, route, timing }: MedicationLine): string =>
  words([basis && BASIS[basis], dose && words([dose.value, dose.unit]), route, timing && words([timing.code, timing.text, timing.duration])], ', ');

const MedicineRow = ({ line }: { readonly line: MedicationLine }) => (
  <Table.Tr>
    <Table.Td>
      <Group gap="xs">
        {line.medicine.text}
        {line.status && (
          <Badge color="orange" variant="light">
            {STATUS[line.status]}
          </Badge>
        )}
      </Group>
      <Text size="xs" c="dimmed">
        {detailsOf(line)}
      </Text>
    </Table.Td>
    <Table.Td>{line.directions ?? <Text c="dimmed">none received</Text>}</Table.Td>
    <Table.Td>
      {line.source}
      <Text size="xs" c="dimmed">
        {line.prescribedAt ? when(line.prescribedAt) : ''}
      </Text>
    </Table.Td>
  </Table.Tr>
);

export const MedicinesCard = ({ patientId }: { readonly patientId: string }) => {
  const lines = useQuery({ queryKey: ['lines', patientId], queryFn: () => get<Page<MedicationLine>>(`${base}/patients/${patientId}/lines`, { limit: '200' }), ...withoutNotices });
  const reconciliations = useQuery({ queryKey: ['reconciliations', patientId], queryFn: () => get<Page<Reconciliation>>(`${base}/reconciliations`, { patient: patientId, limit: '50' }), ...withoutNotices });
  const complete = useCompleteReconciliation();
  // A reconciliation counts when a pharmacist, a nurse or a prescriber did it.
  const mayAttest = useSession().roles.some((role) => ['pharmacist', 'nurse', 'admin'].includes(role));
  const open = reconciliations.data?.items.find((one) => one.status === 'open');
  const done = reconciliations.data?.items.find((one) => one.status === 'completed');
  return (
    <Card
      title="Medicines as received"
      pending={lines.isPending}
      error={lines.error}
      actions={
        <Group gap="xs">
          {open && !mayAttest && (
            <Badge color="orange" variant="light" tt="none">
              Waits for a pharmacist or nurse
            </Badge>
          )}
          {open && mayAttest && (
            <Button size="xs" variant="default" loading={complete.isPending} onClick={() => complete.mutate(open)}>
              Lists compared: attest
            </Button>
          )}
          {!open && done?.completed && (
            <Badge color="teal" variant="light" tt="none">
              Reconciled {when(done.completed.at)} by {done.completed.by}
            </Badge>
          )}
        </Group>
      }
    >
      {lines.data?.items.length === 0 ? (
        <Text>No medicine was received. Ask the hospital for its list.</Text>
      ) : (
        <Table.ScrollContainer minWidth={480}>
          <Table aria-label="Medicines as the sources wrote them">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Medicine</Table.Th>
                <Table.Th>Directions</Table.Th>
                <Table.Th>From</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {lines.data?.items.map((line) => (
                <MedicineRow key={line.id} line={line} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Card>
  );
};

import { Anchor, Badge, Button, Group, Paper, SimpleGrid, Text, Title } from '@mantine/core';
import { useId } from 'react';
import { Link } from 'react-router';
import { day } from '../time-words.js';
import { becauseWords, numberWords, pairId, type Pair, type PatientRecord } from './pair.js';

export type Verdict = 'one' | 'two';

/** Both records beside each other, and the two things that can be said of them. */
export const PairCard = ({ pair, onVerdict }: { readonly pair: Pair; readonly onVerdict: (verdict: Verdict) => void }) => {
  const id = useId();
  const [{ name }] = pair.records;
  const which = `${name}, ${pair.records.map(numberWords).join(' and ')}`;
  return (
    <Paper component="section" withBorder p="md" aria-labelledby={id} data-pair={pairId(pair)}>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4" id={id}>
          {becauseWords(pair.because)}
        </Title>
        <Group gap="xs">
          <Button size="xs" aria-label={`One person: ${which}`} onClick={() => onVerdict('one')}>
            One person
          </Button>
          <Button size="xs" variant="default" aria-label={`Two persons: ${which}`} onClick={() => onVerdict('two')}>
            Two persons
          </Button>
        </Group>
      </Group>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {pair.records.map((record) => (
          <RecordFacts key={record.id} record={record} />
        ))}
      </SimpleGrid>
    </Paper>
  );
};

const RecordFacts = ({ record }: { readonly record: PatientRecord }) => (
  <div>
    <Anchor component={Link} to={`/patients/${record.id}`} aria-label={`${record.name}, ${numberWords(record)}`}>
      {record.name}
    </Anchor>
    <Text size="sm">{record.birthDate ? `born ${day(record.birthDate)}` : 'birth date not received'}</Text>
    <Text size="sm">{numberWords(record)}</Text>
    {record.deceased && (
      <Badge color="gray" variant="light" tt="none">
        deceased
      </Badge>
    )}
  </div>
);

import { Alert, Stack, Text, Title } from '@mantine/core';
import { useMayOperate } from '../session/session.js';
import { ConditionCard } from './condition-card.js';
import { ParkedCard } from './parked-card.js';
import { QuarantineCard } from './quarantine-card.js';
import { SendersCard } from './senders-card.js';

/** For who looks after the system: how it is, what waits for a person, and who has stopped sending. */
export const Operations = () => {
  const may = useMayOperate();
  return (
    <Stack>
      <div>
        <Title order={1} size="h2">
          Operations
        </Title>
        <Text c="dimmed">How the system is, what could not be read or handled, and who sends.</Text>
      </div>
      {may ? <Cards /> : <Alert title="Not allowed">Operators and administrators look after the system here.</Alert>}
    </Stack>
  );
};

const Cards = () => (
  <>
    <ConditionCard />
    <QuarantineCard />
    <ParkedCard />
    <SendersCard />
  </>
);

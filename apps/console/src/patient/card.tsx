import { Alert, Group, Paper, Skeleton, Stack, Title } from '@mantine/core';
import { useId, type ReactNode } from 'react';

interface CardProps {
  readonly title: string;
  readonly actions?: ReactNode;
  readonly pending?: boolean;
  readonly error?: Error | null;
  readonly children: ReactNode;
}

export const Card = ({ title, actions, pending, error, children }: CardProps) => {
  const id = useId();
  return (
    <Paper component="section" withBorder p="md" aria-labelledby={id}>
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} size="h4" id={id}>
            {title}
          </Title>
          {actions}
        </Group>
        {error && (
          <Alert color="red" title="Could not be read">
            {error.message}
          </Alert>
        )}
        {pending ? <Skeleton h={80} /> : children}
      </Stack>
    </Paper>
  );
};

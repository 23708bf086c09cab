import { AppShell, Anchor, Badge, Button, Group, Text, VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link, NavLink, useLocation } from 'react-router';
import { useLive } from './live/live.js';
import { PatientSearch } from './patient/patient-search.js';
import { useMayFollow, useMayMerge, useMayOperate, useMayRefer, useSession } from './session/session.js';

const LIVE = {
  connecting: { color: 'gray', text: 'Connecting' },
  live: { color: 'teal', text: 'Live' },
  lost: { color: 'red', text: 'Not live: reconnecting' },
} as const;

/** The screens beside the worklist, for those who may. */
const Doors = () => {
  const { pathname } = useLocation();
  const doors = [
    { to: '/refer', text: 'Refer a patient', may: useMayRefer() },
    { to: '/duplicates', text: 'Duplicates', may: useMayMerge() },
    { to: '/operations', text: 'Operations', may: useMayOperate() },
  ].filter(({ may }) => may);
  if (doors.length === 0) return null;
  return (
    <Group component="nav" aria-label="Screens" gap="md" wrap="nowrap">
      {doors.map(({ to, text }) => (
        <Anchor key={to} component={NavLink} to={to} size="sm" fw={pathname === to ? 600 : 400} style={{ whiteSpace: 'nowrap' }}>
          {text}
        </Anchor>
      ))}
    </Group>
  );
};

export const Shell = ({ children }: { readonly children: ReactNode }) => {
  const { user, roles, csrfToken } = useSession();
  const mayFollow = useMayFollow();
  const live = LIVE[useLive()];
  return (
    <AppShell header={{ height: 56 }} padding="md">
      <AppShell.Header px="md">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="lg" wrap="nowrap">
            <Anchor component={Link} to="/" fw={700} c="inherit" underline="never" size="lg">
              Throughline
            </Anchor>
            {mayFollow && <PatientSearch />}
            <Doors />
          </Group>
          <Group gap="sm" wrap="nowrap">
            {mayFollow && (
              <Badge color={live.color} variant="light" role="status" aria-live="polite" data-testid="live">
                {live.text}
              </Badge>
            )}
            <Text size="sm" visibleFrom="sm">
              {user.name}
              <VisuallyHidden>, signed in as</VisuallyHidden> <Text span c="dimmed" size="sm">{roles.join(', ')}</Text>
            </Text>
            <form method="post" action="/signout">
              <input type="hidden" name="csrfToken" value={csrfToken} />
              <Button type="submit" variant="default" size="xs">
                Sign out
              </Button>
            </form>
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Main>{children}</AppShell.Main>
    </AppShell>
  );
};

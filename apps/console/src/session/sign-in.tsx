import { Alert, Button, Center, Paper, Stack, Text, Title } from '@mantine/core';

export const SignIn = ({ unreachable }: { readonly unreachable: boolean }) => (
  <Center component="main" mih="100vh" p="md">
    <Paper withBorder p="xl" maw={420} w="100%">
      <Stack>
        <Title order={1}>Throughline</Title>
        <Text>Every open task of every patient who left hospital, before it is late.</Text>
        {unreachable && (
          <Alert color="red" title="The server does not answer">
            Your work is safe. Try again in a moment.
          </Alert>
        )}
        <Button component="a" href={`/signin?return=${encodeURIComponent(location.pathname + location.search)}`} size="md" autoFocus>
          Sign in
        </Button>
      </Stack>
    </Paper>
  </Center>
);

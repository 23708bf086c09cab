import { Anchor, Stack, Text, Title } from '@mantine/core';
import { Link } from 'react-router';

export const NotFound = () => (
  <Stack>
    <Title order={1}>Nothing here</Title>
    <Text>
      This address leads nowhere. <Anchor component={Link} to="/">Back to the worklist</Anchor>
    </Text>
  </Stack>
);

import { Alert, Code, Modal, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { get } from '../api.js';

export interface Opened {
  readonly title: string;
  readonly path: string;
}

/** An inbound message, or one that a service set aside, with the story of its error. */
interface Whole {
  readonly text?: string;
  readonly record?: string;
  readonly detail?: string | null;
}

/** HL7 v2 ends its lines with CR alone, which no browser breaks at. */
const textOf = ({ text = '', record }: Whole): string => (record === undefined ? text.replace(/\r\n?/g, '\n') : JSON.stringify(JSON.parse(record), null, 2));

/** One message as it came. Opening it is a look at a patient's data: it is read once, and not again while it is open. */
export const WholeMessage = ({ opened, onClose }: { readonly opened: Opened | null; readonly onClose: () => void }) => (
  <Modal opened={!!opened} onClose={onClose} size="xl" title={opened?.title} closeButtonProps={{ 'aria-label': 'Close' }}>
    {opened && <Content path={opened.path} />}
  </Modal>
);

const Content = ({ path }: { readonly path: string }) => {
  const { data, error, isPending } = useQuery({ queryKey: ['message', path], queryFn: () => get<Whole>(path), staleTime: Infinity, gcTime: 0, refetchInterval: false });
  if (isPending) return <Skeleton h={200} />;
  if (error)
    return (
      <Alert color="red" title="It could not be shown">
        {error.message}
      </Alert>
    );
  const text = textOf(data);
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        Patient data: that you looked is on record. Close it when you are done.
      </Text>
      {data.detail && <Text size="sm" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>{data.detail}</Text>}
      {text.includes('\ufffd') && (
        <Alert color="orange" title="Not all of it is UTF-8">
          What could not be shown as text stands as &#xfffd;. The bytes are in the answer to `throughline quarantine show`.
        </Alert>
      )}
      <Code block tabIndex={0} role="region" aria-label="The message" mah="60vh" style={{ overflow: 'auto' }}>
        {text}
      </Code>
    </Stack>
  );
};

import { Button, Kbd, Modal, Table } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';

const KEYS = [
  ['j, k', 'next and previous task'],
  ['Enter', 'complete it, or all that are selected with it'],
  ['c', 'take it on, or over'],
  ['r', 'give it to somebody, or back to its team'],
  ['s', 'snooze it'],
  ['u', 'take up again what is snoozed'],
  ['x', 'select it'],
  ['Escape', 'select nothing'],
  ['w', 'why it is here'],
  ['/', 'find a patient'],
  ['?', 'these keys'],
] as const;

export const KeyHelp = () => {
  const [opened, { open, close }] = useDisclosure(false);
  useHotkeys([['shift+?', open]]);
  return (
    <>
      <Button size="xs" variant="subtle" onClick={open}>
        Keys
      </Button>
      <Modal opened={opened} onClose={close} title="Keys" closeButtonProps={{ 'aria-label': 'Close' }}>
        <Table aria-label="What each key does">
          <Table.Tbody>
            {KEYS.map(([key, words]) => (
              <Table.Tr key={key}>
                <Table.Th scope="row">
                  <Kbd>{key}</Kbd>
                </Table.Th>
                <Table.Td>{words}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Modal>
    </>
  );
};

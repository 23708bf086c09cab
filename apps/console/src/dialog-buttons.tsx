import { Button, Group } from '@mantine/core';

interface DialogButtonsProps {
  /** What the form does, as its button says. */
  readonly verb: string;
  readonly busy: boolean;
  readonly onClose: () => void;
}

/** How every form in a dialog ends: leave it, or do it. */
export const DialogButtons = ({ verb, busy, onClose }: DialogButtonsProps) => (
  <Group justify="flex-end">
    <Button variant="default" onClick={onClose}>
      Cancel
    </Button>
    <Button type="submit" loading={busy}>
      {verb}
    </Button>
  </Group>
);

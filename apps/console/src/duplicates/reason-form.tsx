import { Alert, Stack, Textarea } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { DialogButtons } from '../dialog-buttons.js';

const SHORTEST = 3;
const LONGEST = 500;

interface ReasonFormProps {
  readonly verb: string;
  readonly change: { readonly error: Error | null; readonly isPending: boolean };
  /** What else has to be chosen is not yet. */
  readonly incomplete?: boolean;
  readonly reason: string;
  readonly onReason: (reason: string) => void;
  readonly onSubmit: (reason: string) => void;
  readonly onClose: () => void;
  /** What is asked besides, and shows by itself what is missing once `tried`. */
  readonly children: (tried: boolean) => ReactNode;
}

/** The frame of what a person says about who is who: never without a reason, which is kept with the record. */
export const ReasonForm = ({ verb, change, incomplete = false, reason, onReason, onSubmit, onClose, children }: ReasonFormProps) => {
  const [tried, setTried] = useState(false);
  const short = reason.trim().length < SHORTEST;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!short && !incomplete) onSubmit(reason.trim());
      }}
    >
      <Stack>
        {children(tried)}
        <Textarea
          label="Reason"
          description="How you know. It is kept with the record."
          withAsterisk
          autosize
          minRows={2}
          maxLength={LONGEST}
          value={reason}
          error={tried && short ? 'Say how you know' : undefined}
          onChange={(event) => onReason(event.currentTarget.value)}
        />
        {change.error && (
          <Alert color="red" title="Not done">
            {change.error.message}
          </Alert>
        )}
        <DialogButtons verb={verb} busy={change.isPending} onClose={onClose} />
      </Stack>
    </form>
  );
};

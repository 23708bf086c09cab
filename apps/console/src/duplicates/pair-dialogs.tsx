import { List, Radio, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useKey } from '../worklist/task-form.js';
import { recordWords, useOnePerson, useTwoPersons, type Pair } from './pair.js';
import { ReasonForm } from './reason-form.js';

interface PairDialogProps {
  readonly pair: Pair;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

export const OnePersonForm = ({ pair: { records }, onDone, onClose }: PairDialogProps) => {
  const merge = useOnePerson();
  const [into, setInto] = useState('');
  const [reason, setReason] = useState('');
  const key = useKey(records, into, reason);
  const retired = records.find(({ id }) => id !== into)!;
  return (
    <ReasonForm verb="One person" change={merge} incomplete={!into} reason={reason} onReason={setReason} onSubmit={(said) => merge.mutate({ retired: retired.id, into, reason: said, key }, { onSuccess: onDone })} onClose={onClose}>
      {(tried) => (
        <>
          <Text size="sm">Every list shows the record that stands; what was filed under the other comes with it. It can be taken back on the patient&rsquo;s page.</Text>
          <Radio.Group label="Which record stands?" withAsterisk value={into} onChange={setInto} error={tried && !into ? 'Choose the record that stands' : undefined}>
            <Stack gap="xs" mt="xs">
              {records.map((record) => (
                <Radio key={record.id} value={record.id} label={record.name} description={recordWords(record)} />
              ))}
            </Stack>
          </Radio.Group>
        </>
      )}
    </ReasonForm>
  );
};

export const TwoPersonsForm = ({ pair: { records }, onDone, onClose }: PairDialogProps) => {
  const apart = useTwoPersons();
  const [reason, setReason] = useState('');
  const key = useKey(records, reason);
  const [first, second] = records;
  return (
    <ReasonForm verb="Two persons" change={apart} reason={reason} onReason={setReason} onSubmit={(said) => apart.mutate({ id: first.id, other: second.id, reason: said, key }, { onSuccess: onDone })} onClose={onClose}>
      {() => (
        <>
          <Text size="sm">They look alike and are not one person. They are not shown as a pair again.</Text>
          <List size="sm">
            {records.map((record) => (
              <List.Item key={record.id}>
                {record.name}, {recordWords(record)}
              </List.Item>
            ))}
          </List>
        </>
      )}
    </ReasonForm>
  );
};

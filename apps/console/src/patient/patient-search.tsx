import { Combobox, Loader, TextInput, useCombobox, Text } from '@mantine/core';
import { useDebouncedValue, useHotkeys } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { get, type Page } from '../api.js';
import type { PatientName } from '../shapes.js';
import { day } from '../time-words.js';
import { nameOf } from './name-of.js';

/** Finds a patient by the beginning of the name or by record number. `/` puts the cursor here. */
export const PatientSearch = () => {
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [query] = useDebouncedValue(text.trim(), 200);
  const box = useRef<HTMLInputElement>(null);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  useHotkeys([['/', () => box.current?.focus()]]);
  const { data, isFetching } = useQuery({ queryKey: ['patients', query], enabled: query.length >= 2, queryFn: () => get<Page<PatientName>>('/api/care-plan/patients', { query, limit: '10' }) });
  const open = (id: string): void => {
    setText('');
    combobox.closeDropdown();
    void navigate(`/patients/${id}`);
  };
  return (
    <Combobox
      store={combobox}
      onOptionSubmit={open}
    >
      <Combobox.Target>
        <TextInput
          ref={box}
          aria-label="Find a patient"
          placeholder="Find a patient ( / )"
          value={text}
          w={240}
          size="xs"
          rightSection={isFetching ? <Loader size="xs" /> : null}
          onKeyDown={(event) => {
            // Enter takes the first one found, unless the arrows have chosen another.
            const [first] = data?.items ?? [];
            if (event.key === 'Enter' && first && combobox.getSelectedOptionIndex() < 0) open(first.id);
          }}
          onFocus={() => combobox.openDropdown()}
          onBlur={() => combobox.closeDropdown()}
          onChange={(event) => {
            setText(event.currentTarget.value);
            combobox.openDropdown();
          }}
        />
      </Combobox.Target>
      <Combobox.Dropdown hidden={query.length < 2 || !data}>
        <Combobox.Options>
          {data?.items.map((patient) => (
            <Combobox.Option key={patient.id} value={patient.id}>
              {nameOf(patient)}
              <Text size="xs" c="dimmed">
                {[patient.birthDate && day(patient.birthDate), patient.recordNumber].filter(Boolean).join(' · ')}
              </Text>
            </Combobox.Option>
          ))}
          {data?.items.length === 0 && <Combobox.Empty>Nobody found</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
};

import { Alert, Badge, Grid, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { get, type Page } from '../api.js';
import { RecordsCard } from '../duplicates/records-card.js';
import type { Episode, PatientName } from '../shapes.js';
import { day } from '../time-words.js';
import { FollowUpCard } from './follow-up-card.js';
import { MedicinesCard } from './medicines-card.js';
import { nameOf } from './name-of.js';
import { occasionWords } from './occasion-words.js';
import { PlanCard } from './plan-card.js';
import { TimelineCard } from './timeline-card.js';

const STATUS = {
  open: { color: 'teal', text: 'Follow-up open' },
  paused: { color: 'orange', text: 'Paused: back in hospital' },
  superseded: { color: 'gray', text: 'Superseded by a newer discharge' },
  withdrawn: { color: 'gray', text: 'Withdrawn' },
  closed: { color: 'gray', text: 'Closed' },
} as const;

/** What is followed up now: after a discharge, after a referral, or both; else what was last. */
const standing = (episodes: readonly Episode[]): readonly Episode[] => {
  const going = episodes.filter(({ status }) => status === 'open' || status === 'paused');
  return going.length > 0 ? going : episodes.slice(0, 1);
};

export const PatientPage = () => {
  const { id = '' } = useParams();
  const patient = useQuery({ queryKey: ['patient', id], queryFn: () => get<PatientName>(`/api/care-plan/patients/${id}`) });
  const episodes = useQuery({ queryKey: ['episodes', id], queryFn: () => get<Page<Episode>>('/api/care-plan/episodes', { patient: id, limit: '50' }) });
  if (patient.isPending) return <Skeleton h={320} />;
  if (patient.error)
    return (
      <Alert color="red" title="The patient could not be shown">
        {patient.error.message}
      </Alert>
    );
  const list = episodes.data?.items ?? [];
  const current = standing(list);
  return (
    <Stack>
      <Group justify="space-between" align="flex-start">
        <Stack gap={0}>
          <Title order={1} size="h2">
            {nameOf(patient.data)}
          </Title>
          <Text c="dimmed">{[patient.data.birthDate && `born ${day(patient.data.birthDate)}`, patient.data.recordNumber && `record ${patient.data.recordNumber}`].filter(Boolean).join(' · ')}</Text>
        </Stack>
        <Stack gap="xs" align="flex-end">
          {current.map((episode) => (
            <Stack key={episode.id} gap={2} align="flex-end">
              <Badge color={STATUS[episode.status].color} variant="light" size="lg" tt="none">
                {STATUS[episode.status].text}
              </Badge>
              <Text size="sm" c="dimmed">
                {occasionWords(episode)}
              </Text>
            </Stack>
          ))}
        </Stack>
      </Group>
      <Grid>
        <Grid.Col span={{ base: 12, lg: 8 }}>
          <Stack>
            <PlanCard patientId={id} episodes={current} />
            <MedicinesCard patientId={id} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 4 }}>
          <Stack>
            <FollowUpCard patientId={id} />
            <RecordsCard patientId={id} />
            <TimelineCard patientId={id} />
          </Stack>
        </Grid.Col>
      </Grid>
    </Stack>
  );
};

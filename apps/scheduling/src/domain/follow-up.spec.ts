import { book, followEpisode, type EpisodeFact, type FollowUp } from './follow-up.js';

const NOW = '2026-03-02T15:00:00.000Z';
const WINDOW = { from: '2026-03-03', to: '2026-03-16', dueAt: '2026-03-17T04:00:00.000Z' };
const episode: EpisodeFact = { followUpId: 'f1', patientId: 'p1', dischargeId: 'd1', episodeId: 'e1', facilityZone: 'America/New_York', window: WINDOW, ended: false, correlationId: 'c1' };
const requested = (): FollowUp => followEpisode(undefined, episode, NOW)!;
const visit = (at: string, outsideWindow = false) => ({ at, mode: 'in-person' as const, by: 'nurse-1', outsideWindow });
const INSIDE = '2026-03-10T14:00:00.000Z';

describe('follow-up', () => {
  it('is requested once per episode', () => {
    expect(requested()).toMatchObject({ id: 'f1', status: 'requested', version: 1, window: WINDOW, requestedAt: NOW });
    expect(followEpisode(requested(), episode, NOW)).toBeUndefined();
  });

  it('is not requested for an episode that was over before it was heard of', () => {
    expect(followEpisode(undefined, { ...episode, ended: true }, NOW)).toBeUndefined();
  });

  it('is requested again when the window moves', () => {
    const moved = { ...WINDOW, to: '2026-03-09', dueAt: '2026-03-10T04:00:00.000Z' };
    expect(followEpisode(requested(), { ...episode, window: moved }, NOW)).toMatchObject({ status: 'requested', window: moved, version: 2 });
  });

  it('is booked inside the window, counted in days of the facility', () => {
    expect(book(requested(), visit(INSIDE), NOW)).toMatchObject({ status: 'booked', version: 2, booking: { at: INSIDE, outsideWindow: false } });
    // 03:30 UTC on the 17th is still the evening of the 16th in New York.
    expect(book(requested(), visit('2026-03-17T03:30:00.000Z'), NOW)).toMatchObject({ status: 'booked' });
  });

  it('refuses a date outside the window unless it was chosen knowingly', () => {
    expect(() => book(requested(), visit('2026-03-17T04:30:00.000Z'), NOW)).toThrow(/outside-window/);
    expect(book(requested(), visit('2026-03-20T15:00:00.000Z', true), NOW)).toMatchObject({ status: 'booked', booking: { outsideWindow: true } });
  });

  it('refuses a date that has passed', () => {
    expect(() => book(requested(), visit('2026-03-01T15:00:00.000Z', true), NOW)).toThrow(/in-the-past/);
  });

  it('changes nothing when booked the same way again, and moves when booked otherwise', () => {
    const booked = book(requested(), visit(INSIDE), NOW)!;
    expect(book(booked, visit(INSIDE), NOW)).toBeUndefined();
    expect(book(booked, visit('2026-03-11T14:00:00.000Z'), NOW)).toMatchObject({ status: 'booked', version: 3 });
  });

  it('asks again when the window moves away from the visit, and keeps the visit', () => {
    const booked = book(requested(), visit(INSIDE), NOW)!;
    const moved = { from: '2026-03-03', to: '2026-03-09', dueAt: '2026-03-10T04:00:00.000Z' };
    const asked = followEpisode(booked, { ...episode, window: moved }, NOW)!;
    expect(asked).toMatchObject({ status: 'requested', window: moved, booking: { at: INSIDE }, version: 3 });
    expect(followEpisode(asked, episode, NOW)).toMatchObject({ status: 'booked', version: 4 });
  });

  it('keeps a visit booked outside knowingly when the window moves', () => {
    const booked = book(requested(), visit('2026-03-20T15:00:00.000Z', true), NOW)!;
    expect(followEpisode(booked, { ...episode, window: { ...WINDOW, to: '2026-03-09' } }, NOW)).toMatchObject({ status: 'booked' });
  });

  it('is withdrawn with its episode; a booked visit stays on the record', () => {
    expect(followEpisode(requested(), { ...episode, ended: true }, NOW)).toMatchObject({ status: 'withdrawn', version: 2 });
    const ended = followEpisode(book(requested(), visit(INSIDE), NOW)!, { ...episode, ended: true }, NOW)!;
    expect(ended).toMatchObject({ status: 'withdrawn', booking: { at: INSIDE }, version: 3 });
    expect(() => book(ended, visit(INSIDE), NOW)).toThrow(/withdrawn/);
  });
});

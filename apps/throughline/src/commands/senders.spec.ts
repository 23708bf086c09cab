import { senderTable, type Sender } from './senders.js';

const sender = (over: Partial<Sender>): Sender => ({
  sender: 'EHR|NORTH', state: 'steady', lastMessageAt: '2026-04-06T15:29:00.000Z', usualGapSeconds: 60,
  today: { AA: 690, AE: 2, AR: 1, repeats: 3 }, week: { AA: 10_050, AE: 2, AR: 1, repeats: 40 }, quarantined: 3, ...over,
});

describe('the table of senders', () => {
  it('has a line for each, in columns, answers in the order AA, AE, AR', () => {
    expect(senderTable([sender({}), sender({ sender: 'LAB|N', state: 'new', usualGapSeconds: null })])).toEqual([
      'sender     state   last new message      usual gap  today AA/AE/AR  repeats  7 days AA/AE/AR  repeats  quarantined',
      'EHR|NORTH  steady  2026-04-06T15:29:00Z  60 s       690/2/1         3        10050/2/1        40       3',
      'LAB|N      new     2026-04-06T15:29:00Z  -          690/2/1         3        10050/2/1        40       3',
    ]);
  });

  it.each([[89, '89 s'], [90, '2 min'], [5_399, '90 min'], [52_200, '14.5 h']])('says a gap of %d seconds as %s', (usualGapSeconds, says) => {
    expect(senderTable([sender({ usualGapSeconds })])[1]).toContain(`  ${says}  `);
  });
});

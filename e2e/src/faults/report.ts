import type { Row } from './fault-row.js';

const SHOWN = 12;

/** Columns as wide as what stands in them; numbers to the right. */
const table = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, column) => (column === 0 || column === row.length - 1 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  ').trimEnd());
};

export const tableOf = (rows: readonly Row[]): readonly string[] =>
  table([
    ['fault', 'discharges', 'resent', 'recovery s', 'alarms late s', 'slowest answer s', 'lost', 'doubled', 'notices', 'mails', 's', 'verdict'],
    ...rows.map((row) => [
      row.fault, String(row.accepted), String(row.again), row.recoverySeconds.toFixed(1), Number.isNaN(row.alarmSeconds) ? '-' : row.alarmSeconds.toFixed(1), row.answerSeconds.toFixed(1), String(row.lost), String(row.doubled), String(row.notices), String(row.mails), row.seconds.toFixed(0),
      row.skipped ? 'skipped' : row.problems.length === 0 ? 'passed' : `FAILED (${row.problems.length})`,
    ]),
  ]);

export const problemLines = (problems: readonly string[]): readonly string[] => [
  ...problems.slice(0, SHOWN).map((text) => `    ${text}`),
  ...(problems.length > SHOWN ? [`    and ${problems.length - SHOWN} more`] : []),
];

import { Table } from '@mantine/core';
import type { ReactNode } from 'react';

interface RowsTableProps {
  /** What the table is, for who does not see it. */
  readonly label: string;
  readonly titles: readonly string[];
  /** Its rows. */
  readonly children: ReactNode;
}

/** The frame of every list of this room: it scrolls by itself where the window is narrow. */
export const RowsTable = ({ label, titles, children }: RowsTableProps) => (
  <Table.ScrollContainer minWidth={760}>
    <Table verticalSpacing={5} aria-label={label}>
      <Table.Thead>
        <Table.Tr>
          {titles.map((title, at) => (
            <Table.Th key={at}>{title}</Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>{children}</Table.Tbody>
    </Table>
  </Table.ScrollContainer>
);

import type { Type } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import type { Page } from './paging.js';

/** A list's answer for the OpenAPI document: `class TaskPage extends PageOf(TaskView) {}`. */
export const PageOf = <Item>(item: Type<Item>, next = 'Give it back as `cursor`; null on the last page'): Type<Page<Item>> => {
  class PageView implements Page<Item> {
    @ApiProperty({ type: [item] })
    items!: readonly Item[];

    @ApiProperty({ type: String, nullable: true, description: next })
    nextCursor!: string | null;
  }
  return PageView;
};

// SPDX-License-Identifier: Apache-2.0
// The call log, page by page, newest first.
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';

import { api, bodyOf } from '../api/client';
import { keys } from '../api/keys';

export const logFilters = ['all', 'incoming', 'outgoing', 'missed'] as const;
export type LogFilter = (typeof logFilters)[number];

export function asLogFilter(text: string | null): LogFilter {
  return logFilters.find((filter) => filter === text) ?? 'all';
}

const pageSize = 50;

export function useLogPages(filter: LogFilter) {
  return useInfiniteQuery({
    queryKey: [...keys.contactLog, filter],
    initialPageParam: 0,
    queryFn: ({ pageParam, signal }) =>
      bodyOf(
        api.GET('/api/v1/contact-log', {
          params: {
            query: {
              ...(filter === 'missed' ? { missed: true } : filter === 'all' ? {} : { direction: filter }),
              ...(pageParam > 0 ? { before: pageParam } : {}),
              limit: pageSize,
            },
          },
          signal,
        }),
      ),
    getNextPageParam: (last) => (last.next > 0 ? last.next : undefined),
    placeholderData: keepPreviousData,
  });
}

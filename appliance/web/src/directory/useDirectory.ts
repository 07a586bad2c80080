// SPDX-License-Identifier: Apache-2.0
// Searching the directory, page by page.
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';

import { api, bodyOf } from '../api/client';
import { keys } from '../api/keys';

const pageSize = 50;
const suggestions = 8;
// The longest text that the API takes.
export const longestSearch = 200;

export function useDirectoryPages(search: string) {
  return useInfiniteQuery({
    queryKey: [...keys.directory, 'pages', search],
    initialPageParam: 0,
    queryFn: ({ pageParam, signal }) =>
      bodyOf(api.GET('/api/v1/directory', { params: { query: query(search, pageSize, pageParam) }, signal })),
    getNextPageParam: (last, pages) => {
      const loaded = pages.reduce((sum, page) => sum + page.entries.length, 0);
      return last.entries.length > 0 && loaded < last.total ? loaded : undefined;
    },
    placeholderData: keepPreviousData,
  });
}

export function useSuggestions(search: string) {
  return useQuery({
    queryKey: [...keys.directory, 'suggestions', search],
    enabled: search !== '',
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/api/v1/directory', { params: { query: query(search, suggestions, 0) }, signal })),
    placeholderData: keepPreviousData,
  });
}

function query(search: string, limit: number, offset: number) {
  return { ...(search ? { search } : {}), limit, offset };
}

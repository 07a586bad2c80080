// SPDX-License-Identifier: Apache-2.0
// What the administration reads and does. Events make it reload; the interval is for counters, which make no events.
import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';

import { api, bodyOf } from '../api/client';
import { keys } from '../api/keys';
import type { SyncRun } from '../api/types';

const refreshMs = 15_000;

export function useStatus() {
  return useQuery({
    queryKey: keys.status,
    queryFn: () => bodyOf(api.GET('/api/v1/admin/status')),
    refetchInterval: refreshMs,
  });
}

export function useServers() {
  return useQuery({
    queryKey: keys.servers,
    queryFn: () => bodyOf(api.GET('/api/v1/admin/servers')),
    refetchInterval: refreshMs,
  });
}

export function useOpenAlarms() {
  return useQuery({
    queryKey: keys.alarms,
    queryFn: () => bodyOf(api.GET('/api/v1/admin/alarms', { params: { query: { open: true } } })),
  });
}

const pageSize = 50;

export function useUserPages(search: string) {
  return useInfiniteQuery({
    queryKey: [...keys.users, search],
    initialPageParam: 0,
    queryFn: ({ pageParam, signal }) =>
      bodyOf(
        api.GET('/api/v1/admin/users', {
          params: { query: { ...(search ? { search } : {}), limit: pageSize, offset: pageParam } },
          signal,
        }),
      ),
    getNextPageParam: (last, pages) => {
      const loaded = pages.reduce((sum, page) => sum + page.entries.length, 0);
      return last.entries.length > 0 && loaded < last.total ? loaded : undefined;
    },
    placeholderData: keepPreviousData,
  });
}

export function useAuditPages() {
  return useInfiniteQuery({
    queryKey: keys.audit,
    initialPageParam: 0,
    queryFn: ({ pageParam, signal }) =>
      bodyOf(
        api.GET('/api/v1/admin/audit', {
          params: { query: { ...(pageParam > 0 ? { before: pageParam } : {}), limit: pageSize } },
          signal,
        }),
      ),
    getNextPageParam: (last) => (last.next > 0 ? last.next : undefined),
    staleTime: 0,
  });
}

export function useSyncRuns() {
  return useQuery({
    queryKey: keys.syncRuns,
    queryFn: () => bodyOf(api.GET('/api/v1/admin/directory-sync')),
  });
}

export interface SyncRequest {
  mode: SyncRun['mode'];
  server: string;
  confirmRemovals: boolean;
}

export function useStartSync() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: SyncRequest) => bodyOf(api.POST('/api/v1/admin/directory-sync', { body })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.syncRuns }),
  });
}

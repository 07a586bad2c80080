// SPDX-License-Identifier: Apache-2.0
// The one way to the API: typed by its document, with the CSRF header on writes, and every failure an ApiProblem.
import createClient, { type Middleware } from 'openapi-fetch';

import type { paths } from '../generated/api';
import { setServerTime } from '../format/clock';
import { ApiProblem } from './problem';
import type { Problem } from './types';

let csrfToken = '';
let onUnauthenticated: (() => void) | undefined;

export function setCsrfToken(token: string): void {
  csrfToken = token;
}

/** Called when the server no longer knows the session, whichever request found out. */
export function whenUnauthenticated(handler: (() => void) | undefined): void {
  onUnauthenticated = handler;
}

const middleware: Middleware = {
  onRequest({ request }) {
    if (request.method !== 'GET' && csrfToken) request.headers.set('X-CSRF-Token', csrfToken);
    return request;
  },
  onResponse({ response, request }) {
    setServerTime(response.headers.get('Date'));
    const isSignIn = request.method === 'POST' && request.url.endsWith('/session');
    if (response.status === 401 && !isSignIn) onUnauthenticated?.();
  },
  onError() {
    return ApiProblem.away();
  },
};

export const api = createClient<paths>({ baseUrl: '/', credentials: 'same-origin' });
api.use(middleware);

/** The body of a successful answer; throws the ApiProblem of any other. */
export async function bodyOf<T>(
  request: Promise<{ data?: T | undefined; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await request;
  if (!response.ok) throw ApiProblem.of(response, asDocument(error));
  return data as T;
}

function asDocument(error: unknown): Partial<Problem> | undefined {
  return typeof error === 'object' && error !== null ? error : undefined;
}

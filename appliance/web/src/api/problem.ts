// SPDX-License-Identifier: Apache-2.0
// Why a request failed: the server's problem document (RFC 9457), or that there was no answer at all.
import type { Problem } from './types';

/** The code of a failure that never reached the server; all others come from its message catalogue. */
export const serverAway = 'web.server.away';

export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, code: string, detail: string, retryAfterSeconds?: number) {
    super(detail);
    this.name = 'ApiProblem';
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  static of(response: Response, body: Partial<Problem> | undefined): ApiProblem {
    const seconds = Number(response.headers.get('Retry-After') ?? NaN);
    const sentences = [body?.detail, ...(body?.errors ?? []).map((error) => error.rule)].filter(Boolean);
    return new ApiProblem(
      response.status,
      // A proxy in between answers without a problem document while Jackfield is away.
      body?.code ?? (response.status >= 502 ? serverAway : 'web.unexpected'),
      sentences.join(' '),
      Number.isFinite(seconds) ? seconds : undefined,
    );
  }

  static away(): ApiProblem {
    return new ApiProblem(0, serverAway, '');
  }

  get isAway(): boolean {
    return this.code === serverAway;
  }
}

export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem(0, 'web.unexpected', error instanceof Error ? error.message : '');
}

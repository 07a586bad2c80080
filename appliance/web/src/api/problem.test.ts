// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';

import { ApiProblem } from './problem';

const answer = (status: number, headers: Record<string, string> = {}) =>
  new Response(null, { status, headers });

describe('ApiProblem', () => {
  it("keeps the server's code, sentence and waiting time", () => {
    const problem = ApiProblem.of(answer(429, { 'Retry-After': '40' }), {
      code: 'auth.locked',
      detail: 'Too many attempts.',
    });
    expect(problem).toMatchObject({ status: 429, code: 'auth.locked', message: 'Too many attempts.' });
    expect(problem.retryAfterSeconds).toBe(40);
  });

  it('adds what is wrong with each field', () => {
    const errors = [{ pointer: '/to', value: 'x', rule: 'must be a number' }];
    expect(ApiProblem.of(answer(422), { detail: 'Wrong.', errors }).message).toBe('Wrong. must be a number');
  });

  it('takes the answer of a proxy for an absent server, and a 503 of Jackfield for what it says', () => {
    expect(ApiProblem.of(answer(502), undefined).isAway).toBe(true);
    expect(ApiProblem.of(answer(503), { code: 'auth.directoryDown', detail: 'No directory.' }).isAway).toBe(
      false,
    );
  });
});

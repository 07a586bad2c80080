// SPDX-License-Identifier: Apache-2.0
// The cursor of this tab, kept over a reload of the page, so that what happened meanwhile is announced all the same.

const key = 'jackfield.cursor';

export function rememberCursor(userId: string, cursor: string): void {
  try {
    sessionStorage.setItem(key, JSON.stringify({ userId, cursor }));
  } catch {
    // Storage may be switched off or full. The page then starts from its snapshot.
  }
}

export function recallCursor(userId: string): string | undefined {
  try {
    const stored = JSON.parse(sessionStorage.getItem(key) ?? 'null') as {
      userId?: unknown;
      cursor?: unknown;
    } | null;
    return stored?.userId === userId && typeof stored.cursor === 'string' ? stored.cursor : undefined;
  } catch {
    return undefined;
  }
}

export function clearCursor(): void {
  try {
    sessionStorage.removeItem(key);
  } catch {
    // See above: nothing was stored then.
  }
}

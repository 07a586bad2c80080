// SPDX-License-Identifier: Apache-2.0
// A failure in a sentence: the server's own where there is one.
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';

import { asProblem } from '../api/problem';

export function useProblemText(): (error: unknown) => string {
  const { t } = useTranslation();
  return useCallback(
    (error: unknown) => {
      const problem = asProblem(error);
      if (problem.isAway) return t('problem.away');
      return problem.message || t('problem.unexpected', { code: problem.code });
    },
    [t],
  );
}

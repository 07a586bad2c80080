// SPDX-License-Identifier: Apache-2.0
// What stands in place of a list that could not be loaded.
import {
  Button,
  EmptyState,
  EmptyStateActions,
  EmptyStateBody,
  EmptyStateFooter,
} from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';

import { asProblem } from '../api/problem';
import { useProblemText } from './problemText';

export function ProblemState({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const problem = asProblem(error);
  const title = problem.isAway
    ? t('problem.awayTitle')
    : problem.status === 403
      ? t('problem.forbiddenTitle')
      : t('problem.title');
  return (
    <EmptyState status="danger" titleText={title} headingLevel="h2" variant="sm">
      <EmptyStateBody>{problemText(problem)}</EmptyStateBody>
      <EmptyStateFooter>
        <EmptyStateActions>
          <Button variant="secondary" onClick={onRetry}>
            {t('app.retry')}
          </Button>
        </EmptyStateActions>
      </EmptyStateFooter>
    </EmptyState>
  );
}

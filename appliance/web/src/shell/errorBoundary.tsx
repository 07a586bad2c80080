// SPDX-License-Identifier: Apache-2.0
// A fault of the page itself: said in words instead of an empty window.
import { Bullseye, Button, EmptyState, EmptyStateBody, EmptyStateFooter } from '@patternfly/react-core';
import { Component, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

interface State {
  failed: boolean;
}

export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { failed: false };

  static getDerivedStateFromError(): State {
    return { failed: true };
  }

  override render(): ReactNode {
    return this.state.failed ? <Broken /> : this.props.children;
  }
}

function Broken() {
  const { t } = useTranslation();
  return (
    <Bullseye className="jf-loading">
      <EmptyState status="danger" titleText={t('app.broken')}>
        <EmptyStateBody>{t('app.brokenHelp')}</EmptyStateBody>
        <EmptyStateFooter>
          <Button onClick={() => window.location.reload()}>{t('app.reload')}</Button>
        </EmptyStateFooter>
      </EmptyState>
    </Bullseye>
  );
}

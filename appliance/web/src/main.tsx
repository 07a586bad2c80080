// SPDX-License-Identifier: Apache-2.0
// Starts the page.
import '@patternfly/react-core/dist/styles/base.css';
import './styles.css';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { App } from './app';
import { startI18n } from './i18n';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element "root"');

void startI18n(navigator.languages).then(() => {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
});

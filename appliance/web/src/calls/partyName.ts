// SPDX-License-Identifier: Apache-2.0
// How the other party of a call is named: by name, else by number, else as what was dialled.
import { useTranslation } from 'react-i18next';

import type { CallView } from './callView';
import { useCommands } from './commands';

export interface PartyText {
  name: string;
  /** Empty when it stands in `name` already. */
  number: string;
}

export function usePartyText(): (view: CallView) => PartyText {
  const { t } = useTranslation();
  const { wanted } = useCommands();
  return (view) => {
    const number = view.other?.number ?? '';
    const name = view.other?.name || number || wanted(view) || t('calls.unknown');
    return { name, number: name === number ? '' : number };
  };
}

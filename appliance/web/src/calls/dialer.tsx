// SPDX-License-Identifier: Apache-2.0
// Calls a number or a person.
import { PhoneIcon } from '@patternfly/react-icons';
import { useTranslation } from 'react-i18next';

import { useCommands } from './commands';
import { PartyPicker } from './partyPicker';

export function Dialer() {
  const { t } = useTranslation();
  const { makeCall, dialling } = useCommands();
  return (
    <PartyPicker
      label={t('dial.label')}
      action={t('dial.button')}
      icon={<PhoneIcon />}
      busy={dialling !== undefined}
      onPick={makeCall}
    />
  );
}

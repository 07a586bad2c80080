// SPDX-License-Identifier: Apache-2.0
// Whereto a call is sent: a number, a person, or the party of another call of mine.
import { Button, Modal, ModalBody, ModalFooter, ModalHeader, ModalVariant } from '@patternfly/react-core';
import { ArrowRightIcon, ShareIcon } from '@patternfly/react-icons';
import { useTranslation } from 'react-i18next';

import type { CallView } from './callView';
import { useCommands, type SendingVerb } from './commands';
import { PartyPicker } from './partyPicker';
import { usePartyText } from './partyName';
import { useCallViews } from './useCalls';

export function SendDialog({
  verb,
  view,
  party,
  onClose,
}: {
  verb: SendingVerb;
  view: CallView;
  party: string;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const { deflect, transfer } = useCommands();
  const partyText = usePartyText();
  const others = (useCallViews() ?? []).filter(
    (other) => verb === 'transfer' && other.id !== view.id && other.refusals.transfer === undefined,
  );
  const send = (number: string) => {
    if (verb === 'deflect') deflect(view, number);
    else transfer(view, { to: number });
    onClose();
  };
  return (
    <Modal
      isOpen
      variant={ModalVariant.small}
      onEscapePress={onClose}
      aria-labelledby="send-title"
      aria-describedby="send-body"
      className="jf-send"
    >
      <ModalHeader title={t(`send.${verb}.title`)} labelId="send-title" />
      <ModalBody id="send-body">
        <p>{t(`send.${verb}.body`, { party })}</p>
        <PartyPicker
          label={t(`send.${verb}.label`)}
          action={t(`calls.verb.${verb}`)}
          icon={verb === 'deflect' ? <ArrowRightIcon /> : <ShareIcon />}
          busy={false}
          onPick={send}
        />
        {others.map((other) => (
          <Button
            key={other.id}
            variant="secondary"
            icon={<ShareIcon />}
            onClick={() => {
              transfer(view, { otherCall: other.id });
              onClose();
            }}
          >
            {t('send.transfer.with', { party: partyText(other).name })}
          </Button>
        ))}
      </ModalBody>
      <ModalFooter>
        <Button variant="link" onClick={onClose}>
          {t('app.cancel')}
        </Button>
      </ModalFooter>
    </Modal>
  );
}

// SPDX-License-Identifier: Apache-2.0
// Who is signed in, and Logoff, which asks first (AUTH-024).
import { Button, Modal, ModalBody, ModalFooter, ModalHeader, ModalVariant } from '@patternfly/react-core';
import { SignOutAltIcon } from '@patternfly/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useSession, useSessionControl } from '../session/session';
import { initials } from '../ui/initials';
import { useProblemText } from '../ui/problemText';
import { useToasts } from '../ui/toasts';

export function UserMenu() {
  const { t } = useTranslation();
  const { user } = useSession();
  const [asking, setAsking] = useState(false);
  return (
    <div className="jf-user">
      <span className="jf-avatar jf-avatar-small" aria-hidden="true">
        {initials(user.name || user.login)}
      </span>
      <span className="jf-user-text">
        <span className="jf-user-name">
          <span className="pf-v6-screen-reader">{t('session.menu', { name: user.name || user.login })}</span>
          <span aria-hidden="true">{user.name || user.login}</span>
        </span>
        <span className="jf-quiet jf-small">
          {user.extension ? t('session.extension', { extension: user.extension }) : t('session.noExtension')}
        </span>
      </span>
      <Button
        variant="plain"
        className="jf-logoff"
        icon={<SignOutAltIcon />}
        aria-label={t('session.logoff')}
        title={t('session.logoff')}
        onClick={() => setAsking(true)}
      >
        <span className="jf-logoff-text">{t('session.logoff')}</span>
      </Button>
      <LogoffDialog isOpen={asking} onClose={() => setAsking(false)} />
    </div>
  );
}

function LogoffDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const { signOut } = useSessionControl();
  const { toast } = useToasts();
  const problemText = useProblemText();
  const [busy, setBusy] = useState(false);
  const confirm = async () => {
    setBusy(true);
    try {
      await signOut();
    } catch (error) {
      toast({ variant: 'danger', title: t('session.logoff'), body: problemText(error) });
      setBusy(false);
      onClose();
    }
  };
  return (
    <Modal
      isOpen={isOpen}
      variant={ModalVariant.small}
      onEscapePress={onClose}
      aria-labelledby="logoff-title"
      aria-describedby="logoff-body"
    >
      <ModalHeader title={t('session.logoffTitle')} labelId="logoff-title" />
      <ModalBody id="logoff-body">{t('session.logoffBody')}</ModalBody>
      <ModalFooter>
        <Button
          onClick={() => void confirm()}
          isLoading={busy}
          spinnerAriaLabel={t('app.working')}
          isDisabled={busy}
        >
          {t('app.ok')}
        </Button>
        <Button variant="link" onClick={onClose}>
          {t('app.cancel')}
        </Button>
      </ModalFooter>
    </Modal>
  );
}

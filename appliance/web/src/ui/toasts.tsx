// SPDX-License-Identifier: Apache-2.0
// Short notices in the corner, read out by screen readers. Those that ask for nothing leave by themselves.
import { AlertActionCloseButton, AlertActionLink, AlertGroup } from '@patternfly/react-core';
import { createContext, useCallback, useContext, useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Notice } from './notice';

export interface Toast {
  variant: 'info' | 'success' | 'warning' | 'danger' | 'custom';
  title: string;
  body?: string;
  icon?: ReactNode;
  action?: { label: string; run: () => void };
  /** Stays until it is closed or dismissed by this key. A second one of the same key replaces the first. */
  key?: string;
}

interface Toasts {
  toast: (toast: Toast) => void;
  dismiss: (key: string) => void;
}

type Shown = Toast & { id: string; lasting: boolean };

const ToastContext = createContext<Toasts | undefined>(undefined);
const shownMs = 8_000;
let lastId = 0;

export function ToastProvider({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState<readonly Shown[]>([]);
  const dismiss = useCallback((id: string) => setShown((all) => all.filter((one) => one.id !== id)), []);
  const toast = useCallback((next: Toast) => {
    lastId += 1;
    const id = next.key ?? `toast-${lastId}`;
    setShown((all) => [
      { ...next, id, lasting: next.key !== undefined },
      ...all.filter((one) => one.id !== id),
    ]);
  }, []);
  const value = useMemo(() => ({ toast, dismiss }), [toast, dismiss]);
  return (
    <ToastContext value={value}>
      {children}
      <AlertGroup hasAnimations isToast isLiveRegion>
        {shown.map(({ id, lasting, variant, title, body, icon, action }) => (
          <Notice
            key={id}
            variant={variant}
            title={title}
            customIcon={icon}
            timeout={lasting ? false : shownMs}
            onTimeout={() => dismiss(id)}
            actionClose={
              <AlertActionCloseButton
                aria-label={t('app.close')}
                title={t('app.close')}
                onClose={() => dismiss(id)}
              />
            }
            actionLinks={
              action && (
                <AlertActionLink
                  onClick={() => {
                    dismiss(id);
                    action.run();
                  }}
                >
                  {action.label}
                </AlertActionLink>
              )
            }
          >
            {body}
          </Notice>
        ))}
      </AlertGroup>
    </ToastContext>
  );
}

export function useToasts(): Toasts {
  const toasts = useContext(ToastContext);
  if (!toasts) throw new Error('useToasts outside of ToastProvider');
  return toasts;
}

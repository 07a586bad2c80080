// SPDX-License-Identifier: Apache-2.0
// PatternFly's Alert, with its kind told to screen readers in their language.
import { Alert, type AlertProps } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';

export type NoticeProps = Omit<AlertProps, 'variantLabel' | 'variant'> & {
  variant: NonNullable<AlertProps['variant']>;
};

export function Notice(props: NoticeProps) {
  const { t } = useTranslation();
  return <Alert component="p" {...props} variantLabel={t(`notice.${props.variant}`)} />;
}

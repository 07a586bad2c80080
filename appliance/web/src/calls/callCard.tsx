// SPDX-License-Identifier: Apache-2.0
// One live call.
import { Card, CardBody, CardFooter, Label, Tooltip, type LabelProps } from '@patternfly/react-core';
import { RhUiArrowDownLeftIcon, RhUiArrowUpRightIcon } from '@patternfly/react-icons';
import { useTranslation } from 'react-i18next';

import { Duration } from '../ui/duration';
import { initials } from '../ui/initials';
import { CallButtons } from './callButtons';
import type { CallView, Stage } from './callView';
import { usePartyText } from './partyName';
import { useNow } from './useCalls';

const colors: Record<Stage, NonNullable<LabelProps['color']>> = {
  incoming: 'blue',
  pickUp: 'blue',
  calling: 'blue',
  ringing: 'blue',
  talking: 'green',
  held: 'orange',
  heldByOther: 'orange',
  queued: 'purple',
  ended: 'grey',
};

export function CallCard({ view }: { view: CallView }) {
  const { t } = useTranslation();
  const { name, number } = usePartyText()(view);
  const ended = view.stage === 'ended';
  const incoming = view.direction === 'incoming';
  const titleId = `call-${view.id}`;
  return (
    <Card
      component="article"
      aria-labelledby={titleId}
      className="jf-call"
      data-call={view.id}
      data-stage={view.stage}
      data-direction={view.direction}
    >
      <CardBody>
        <div className="jf-call-head">
          <span className="jf-avatar" aria-hidden="true">
            {initials(name) || '#'}
          </span>
          <div className="jf-call-party">
            <h3 id={titleId} className="jf-call-name">
              {name}
            </h3>
            <div className="jf-call-number jf-quiet">
              {incoming ? (
                <RhUiArrowDownLeftIcon className="jf-incoming" />
              ) : (
                <RhUiArrowUpRightIcon className="jf-outgoing" />
              )}
              <span>{t(incoming ? 'calls.incoming' : 'calls.outgoing')}</span>
              {number && <span className="jf-number">{number}</span>}
            </div>
          </div>
          <div className="jf-call-clock">
            <CallClock view={view} />
          </div>
        </div>
        <div className="jf-call-state" aria-live="polite">
          <StageLabel view={view} />
          {!view.confirmed && !ended && (
            <Tooltip content={t('calls.unconfirmedHelp')}>
              <Label isCompact color="yellow" tabIndex={0}>
                {t('calls.unconfirmed')}
              </Label>
            </Tooltip>
          )}
        </div>
      </CardBody>
      {!ended && (
        <CardFooter>
          <CallButtons view={view} party={t('calls.with', { party: name })} />
        </CardFooter>
      )}
    </Card>
  );
}

export function StageLabel({ view }: { view: CallView }) {
  const { t } = useTranslation();
  return (
    <Label isCompact color={colors[view.stage]} className="jf-stage">
      {view.stage === 'ended' ? t(`calls.cause.${view.cause}`) : t(`calls.stage.${view.stage}`)}
    </Label>
  );
}

export function CallClock({ view }: { view: CallView }) {
  const running = view.stage !== 'ended';
  const now = useNow(running);
  return <Duration ms={(running ? now : view.ended || now) - view.since} />;
}

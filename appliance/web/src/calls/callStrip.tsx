// SPDX-License-Identifier: Apache-2.0
// The live calls on every other page, so that looking somebody up does not hide the call.
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { CallButtons } from './callButtons';
import { CallClock, StageLabel } from './callCard';
import type { CallView } from './callView';
import { usePartyText } from './partyName';
import { useCallViews } from './useCalls';

export function CallStrip() {
  const { t } = useTranslation();
  const views = useCallViews() ?? [];
  if (views.length === 0) return null;
  return (
    <section className="jf-strip" aria-label={t('calls.live')}>
      {views.map((view) => (
        <StripCall key={view.id} view={view} />
      ))}
    </section>
  );
}

function StripCall({ view }: { view: CallView }) {
  const { t } = useTranslation();
  const { name } = usePartyText()(view);
  return (
    <div className="jf-strip-call" data-call={view.id} data-stage={view.stage}>
      <Link to="/calls" className="jf-strip-name">
        {name}
      </Link>
      <StageLabel view={view} />
      <CallClock view={view} />
      <CallButtons compact view={view} party={t('calls.with', { party: name })} />
    </div>
  );
}

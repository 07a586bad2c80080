// SPDX-License-Identifier: Apache-2.0
// The frame of every page: masthead, navigation, the state of the connection, and the announcement of calls.
import {
  AlertActionLink,
  Masthead,
  MastheadBrand,
  MastheadContent,
  MastheadLogo,
  MastheadMain,
  MastheadToggle,
  Nav,
  NavGroup,
  NavItem,
  NavList,
  Page,
  PageSidebar,
  PageSidebarBody,
  PageToggleButton,
  SkipToContent,
  Toolbar,
  ToolbarContent,
  ToolbarGroup,
  ToolbarItem,
} from '@patternfly/react-core';
import {
  ClipboardListIcon,
  HeartbeatIcon,
  HistoryIcon,
  PhoneIcon,
  SyncAltIcon,
  UsersCogIcon,
  UsersIcon,
} from '@patternfly/react-icons';
import { useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, NavLink, Outlet, useLocation } from 'react-router';

import { CallAnnouncer } from '../calls/callAnnouncer';
import { CallStrip } from '../calls/callStrip';
import { useFarewell } from '../calls/useCalls';
import { useEvents } from '../events/eventProvider';
import { useMay } from '../session/session';
import { ConnectionState } from './connectionState';
import { ErrorBoundary } from './errorBoundary';
import { Logo } from './logo';
import { UserMenu } from './userMenu';
import { Notice } from '../ui/notice';

const mainId = 'main';
// PatternFly lays the navigation over the page below this width.
const wide = '(min-width: 75rem)';

export function Shell() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const [open, setOpen] = useState(() => matchMedia(wide).matches);
  useFarewell();

  useEffect(() => {
    const width = matchMedia(wide);
    const follow = () => setOpen(width.matches);
    width.addEventListener('change', follow);
    return () => width.removeEventListener('change', follow);
  }, []);

  const closeOnPhone = () => {
    if (!matchMedia(wide).matches) setOpen(false);
  };

  return (
    <Page
      masthead={<Header open={open} onToggle={() => setOpen(!open)} />}
      sidebar={
        <PageSidebar isSidebarOpen={open} id="jf-sidebar">
          <PageSidebarBody>
            <Pages onSelect={closeOnPhone} />
          </PageSidebarBody>
        </PageSidebar>
      }
      skipToContent={<SkipToContent href={`#${mainId}`}>{t('app.skip')}</SkipToContent>}
      mainContainerId={mainId}
      isContentFilled
    >
      <CallAnnouncer />
      <InterruptedBanner />
      {pathname !== '/calls' && <CallStrip />}
      <ErrorBoundary key={pathname}>
        <Outlet />
      </ErrorBoundary>
    </Page>
  );
}

function Header({ open, onToggle }: { open: boolean; onToggle: () => void }) {
  const { t } = useTranslation();
  return (
    <Masthead className="jf-masthead" display={{ default: 'inline' }}>
      <MastheadMain>
        <MastheadToggle>
          <PageToggleButton
            isHamburgerButton
            aria-label={t('nav.toggle')}
            isSidebarOpen={open}
            onSidebarToggle={onToggle}
            aria-controls="jf-sidebar"
          />
        </MastheadToggle>
        <MastheadBrand>
          <MastheadLogo component={(props: object) => <Link {...props} to="/" />}>
            <span className="jf-brand">
              <Logo size={30} />
              <span className="jf-brand-name">{t('app.name')}</span>
            </span>
          </MastheadLogo>
        </MastheadBrand>
      </MastheadMain>
      <MastheadContent>
        <Toolbar isStatic>
          <ToolbarContent>
            <ToolbarGroup align={{ default: 'alignEnd' }} gap={{ default: 'gapMd' }}>
              <ToolbarItem alignSelf="center">
                <ConnectionState />
              </ToolbarItem>
              <ToolbarItem>
                <UserMenu />
              </ToolbarItem>
            </ToolbarGroup>
          </ToolbarContent>
        </Toolbar>
      </MastheadContent>
    </Masthead>
  );
}

function Pages({ onSelect }: { onSelect: () => void }) {
  const { t } = useTranslation();
  const mayCall = useMay('ownCalls');
  const maySearch = useMay('directory');
  const mayView = useMay('viewSystem');
  const mayMonitor = useMay('monitor');
  return (
    <Nav aria-label={t('nav.label')} onSelect={onSelect}>
      <NavList>
        {mayCall && (
          <PageLink to="/calls" icon={<PhoneIcon />}>
            {t('nav.calls')}
          </PageLink>
        )}
        {mayCall && (
          <PageLink to="/log" icon={<HistoryIcon />}>
            {t('nav.log')}
          </PageLink>
        )}
        {maySearch && (
          <PageLink to="/directory" icon={<UsersIcon />}>
            {t('nav.directory')}
          </PageLink>
        )}
      </NavList>
      {mayView && (
        <NavGroup title={t('nav.administration')}>
          {mayMonitor && (
            <PageLink to="/admin" icon={<HeartbeatIcon />}>
              {t('nav.status')}
            </PageLink>
          )}
          {mayMonitor && (
            <PageLink to="/admin/directory-sync" icon={<SyncAltIcon />}>
              {t('nav.sync')}
            </PageLink>
          )}
          <PageLink to="/admin/users" icon={<UsersCogIcon />}>
            {t('nav.users')}
          </PageLink>
          <PageLink to="/admin/audit" icon={<ClipboardListIcon />}>
            {t('nav.audit')}
          </PageLink>
        </NavGroup>
      )}
    </Nav>
  );
}

function PageLink({ to, icon, children }: { to: string; icon: ReactNode; children: string }) {
  const { pathname } = useLocation();
  return (
    <NavItem itemId={to} isActive={pathname.replace(/\/$/, '') === to}>
      <NavLink to={to} end>
        <span className="jf-nav-link">
          {icon}
          {children}
        </span>
      </NavLink>
    </NavItem>
  );
}

/** Only after a while: most interruptions are over before anybody could read it. */
function InterruptedBanner() {
  const { t } = useTranslation();
  const { state, retryNow } = useEvents();
  const interrupted = state !== 'connected';
  const [shown, setShown] = useState(false);
  if (!interrupted && shown) setShown(false);
  useEffect(() => {
    if (!interrupted) return;
    const timer = setTimeout(() => setShown(true), 2_000);
    return () => clearTimeout(timer);
  }, [interrupted]);
  if (!shown) return null;
  return (
    <div className="jf-banner">
      <Notice
        isInline
        variant="warning"
        title={t('stream.banner')}
        isLiveRegion
        actionLinks={<AlertActionLink onClick={retryNow}>{t('stream.tryNow')}</AlertActionLink>}
      >
        {t('stream.bannerHelp')}
      </Notice>
    </div>
  );
}

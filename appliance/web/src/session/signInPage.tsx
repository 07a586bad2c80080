// SPDX-License-Identifier: Apache-2.0
// The sign-in page. Every reason for a refusal has its own title, so that a person knows what to do next.
import {
  Button,
  Card,
  CardBody,
  Content,
  ExpandableSection,
  Form,
  FormGroup,
  FormHelperText,
  HelperText,
  HelperTextItem,
  InputGroup,
  InputGroupItem,
  TextInput,
  Title,
} from '@patternfly/react-core';
import { EyeIcon, EyeSlashIcon } from '@patternfly/react-icons';
import { useRef, useState, type SyntheticEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { asProblem, type ApiProblem } from '../api/problem';
import { spokenDuration } from '../format/time';
import { Logo } from '../shell/logo';
import { usePageTitle } from '../ui/useTitle';
import { useSessionControl } from './session';
import { Notice } from '../ui/notice';

type Missing = 'login' | 'password' | undefined;

export function SignInPage() {
  const { t } = useTranslation();
  const { signIn, because } = useSessionControl();
  const [login, setLogin] = useState('');
  const [password, setPassword] = useState('');
  const [missing, setMissing] = useState<Missing>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem>();
  const form = useRef<HTMLFormElement>(null);
  usePageTitle(t('signIn.page'));

  const focus = (name: string) =>
    form.current?.querySelector<HTMLInputElement>(`input[name="${name}"]`)?.focus();

  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (busy) return;
    const empty: Missing = login.trim() === '' ? 'login' : password === '' ? 'password' : undefined;
    setMissing(empty);
    if (empty) {
      focus(empty);
      return;
    }
    setBusy(true);
    setProblem(undefined);
    try {
      await signIn(login.trim(), password);
    } catch (error) {
      const reason = asProblem(error);
      setProblem(reason);
      setBusy(false);
      if (reason.status === 401) {
        setPassword('');
        focus('password');
      }
    }
  };

  return (
    <main className="jf-sign-in">
      <div className="jf-sign-in-brand">
        <Logo size={56} />
        <Title headingLevel="h1" size="3xl">
          {t('app.name')}
        </Title>
        <Content component="p">{t('app.tagline')}</Content>
      </div>
      <Card className="jf-sign-in-card" isLarge>
        <CardBody>
          <Title headingLevel="h2" size="xl">
            {t('signIn.title')}
          </Title>
          <Content component="p" className="jf-quiet">
            {t('signIn.help')}
          </Content>
          <div aria-live="polite" className="jf-sign-in-notice">
            {problem && <Refusal problem={problem} />}
            {!problem && because !== 'never' && (
              <Notice
                isInline
                variant="info"
                title={t(because === 'expired' ? 'signIn.expired' : 'signIn.signedOut')}
              />
            )}
          </div>
          <Form ref={form} onSubmit={(event) => void submit(event)} noValidate>
            <FormGroup label={t('signIn.login')} fieldId="login">
              <TextInput
                id="login"
                name="login"
                autoComplete="username"
                autoCapitalize="none"
                spellCheck="false"
                autoFocus
                value={login}
                onChange={(_event, value) => setLogin(value)}
                validated={missing === 'login' ? 'error' : 'default'}
                aria-describedby="login-help"
              />
              <FieldHelp id="login-help" text={missing === 'login' ? t('signIn.missingLogin') : undefined} />
            </FormGroup>
            <FormGroup label={t('signIn.password')} fieldId="password">
              <PasswordInput value={password} onChange={setPassword} wrong={missing === 'password'} />
              <FieldHelp
                id="password-help"
                text={missing === 'password' ? t('signIn.missingPassword') : undefined}
              />
            </FormGroup>
            <Button type="submit" isBlock isLoading={busy} spinnerAriaLabel={t('signIn.busy')} size="lg">
              {t('signIn.button')}
            </Button>
          </Form>
          <AboutPassword />
        </CardBody>
      </Card>
    </main>
  );
}

const rules = ['guess', 'company', 'ask', 'write', 'share', 'report'] as const;

/** AUTH-025, AUTH-026: help, and where a password is changed; there is no page for it here. */
function AboutPassword() {
  const { t } = useTranslation();
  return (
    <ExpandableSection toggleText={t('signIn.about')} className="jf-about-password">
      <Content component="p">{t('signIn.elsewhere')}</Content>
      <Content component="ul">
        {rules.map((rule) => (
          <Content component="li" key={rule}>
            {t(`signIn.rules.${rule}`)}
          </Content>
        ))}
      </Content>
    </ExpandableSection>
  );
}

function PasswordInput(props: { value: string; onChange: (value: string) => void; wrong: boolean }) {
  const { t } = useTranslation();
  const [visible, setVisible] = useState(false);
  return (
    <InputGroup>
      <InputGroupItem isFill>
        <TextInput
          id="password"
          name="password"
          type={visible ? 'text' : 'password'}
          autoComplete="current-password"
          value={props.value}
          onChange={(_event, value) => props.onChange(value)}
          validated={props.wrong ? 'error' : 'default'}
          aria-describedby="password-help"
        />
      </InputGroupItem>
      <InputGroupItem>
        <Button
          variant="control"
          icon={visible ? <EyeSlashIcon /> : <EyeIcon />}
          aria-label={t(visible ? 'signIn.hide' : 'signIn.show')}
          onClick={() => setVisible(!visible)}
        />
      </InputGroupItem>
    </InputGroup>
  );
}

function FieldHelp({ id, text }: { id: string; text: string | undefined }) {
  return (
    <FormHelperText>
      <HelperText id={id} isLiveRegion>
        {text && <HelperTextItem variant="error">{text}</HelperTextItem>}
      </HelperText>
    </FormHelperText>
  );
}

function Refusal({ problem }: { problem: ApiProblem }) {
  const { t, i18n } = useTranslation();
  const { variant, title, text } = describe();
  const wait = problem.retryAfterSeconds;
  return (
    <Notice isInline variant={variant} title={title}>
      {text}
      {wait !== undefined && (
        <> {t('signIn.waitFor', { duration: spokenDuration(wait * 1000, i18n.language) })}</>
      )}
    </Notice>
  );

  function describe(): { variant: 'danger' | 'warning'; title: string; text: string } {
    const said = problem.message;
    if (problem.isAway) return { variant: 'warning', title: t('signIn.awayTitle'), text: t('signIn.away') };
    if (problem.code.startsWith('capacity.')) {
      return { variant: 'warning', title: t('signIn.capacityTitle'), text: said || t('signIn.capacity') };
    }
    if (problem.status === 401) {
      return { variant: 'danger', title: t('signIn.wrongTitle'), text: t('signIn.wrong') };
    }
    if (problem.status === 429) return { variant: 'warning', title: t('signIn.lockedTitle'), text: said };
    if (problem.status === 403) return { variant: 'danger', title: t('signIn.forbiddenTitle'), text: said };
    if (
      problem.code === 'auth.directoryDown' ||
      problem.code === 'auth.noDirectory' ||
      problem.status === 504
    ) {
      return { variant: 'warning', title: t('signIn.directoryTitle'), text: said };
    }
    return {
      variant: 'danger',
      title: t('signIn.failedTitle'),
      text: said || t('problem.unexpected', { code: problem.code }),
    };
  }
}

"""Findings of the doctor, of which a test wants one."""

from chat.doctor.findings import Finding, Level


def found(findings, about: str) -> Finding:
    """The finding about something; there must be just one."""
    [finding] = [finding for finding in findings if finding.about == about]
    return finding


def sentence(findings, about: str, level: Level = Level.WRONG) -> str:
    """The finding about something, if it has this level."""
    finding = found(findings, about)
    assert finding.level is level, str(finding)
    return finding.sentence

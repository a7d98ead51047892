"""The Content-Security-Policy of each response: the one of the settings, and Trusted Types but for the admin."""

from typing import Any

from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponseBase

TRUSTED_TYPES = {"require-trusted-types-for": ["'script'"], "trusted-types": ["chatsite"]}
"""A browser that knows them makes no markup of text, except through the policy in the page's `lib/dom.js`."""


class PolicyMiddleware(CSPMiddleware):
    def get_policy_parts(self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False) -> Any:
        parts: PolicyParts = super().get_policy_parts(request, response, report_only)
        match = request.resolver_match
        # jQuery, which the admin uses, makes markup of text when it starts.
        if not report_only and not (match and match.app_name == "admin"):
            parts.update = TRUSTED_TYPES | (parts.update or {})
        return parts

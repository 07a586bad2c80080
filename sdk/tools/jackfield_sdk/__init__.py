# SPDX-License-Identifier: Apache-2.0
"""The tool jackfield-sdk."""

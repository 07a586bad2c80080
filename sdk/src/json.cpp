// SPDX-License-Identifier: Apache-2.0
// Boost.JSON, compiled into the plugin: its package then needs no libboost_json.so, whose name changes between releases
// of Debian.
#include <boost/json/src.hpp>

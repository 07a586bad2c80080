// SPDX-License-Identifier: Apache-2.0
//! A complete plugin in Rust, without crates: settings, the state of its link, Test, a request, a timer. It answers
//! "example/1.echo" with the body that it was asked with. No panic leaves it.
mod jackfield;

use jackfield::*;
use std::ffi::c_void;
use std::panic::{catch_unwind, AssertUnwindSafe};

#[repr(C)]
struct Mirror {
    table: Plugin, // what the host calls; table.impl_ leads back here
    host: *const Host,
}

impl Mirror {
    fn send(&self, message: &Message) -> Status {
        unsafe { ((*self.host).send)(self.host, message) }
    }

    fn log(&self, level: i32, code: &str, arguments: &str) {
        unsafe { ((*self.host).log)(self.host, level, View::of(code.as_bytes()), View::of(arguments.as_bytes())) }
    }

    fn start(&mut self) -> Status {
        let timer = unsafe { ((*self.host).service)(self.host, View::of(TIMER_SERVICE)) as *const TimerService };
        if timer.is_null() {
            return E_UNSUPPORTED;
        }
        self.log(LOG_INFO, "mirror.started", r#"{"language":"Rust"}"#);
        let mut id = 0;
        // As if a far server had answered meanwhile.
        unsafe { ((*timer).set)(self.host, 10, connected, self as *mut Mirror as *mut c_void, &mut id) }
    }

    fn say_connected(&self) {
        let mut event = Message::new(EVENT, 0);
        event.name = View::of(b"server/1.state");
        event.body = View::of(br#"{"state":"connected","reason":""}"#);
        self.send(&event);
    }

    fn answer(&self, asked: &Message) {
        if asked.kind != REQUEST {
            return; // it asks nothing and sends no parts: no reply, cancel or credit concerns it
        }
        let mut reply = Message::new(REPLY, asked.id);
        match unsafe { asked.name.bytes() } {
            b"example/1.echo" => {
                reply.body = asked.body;
                reply.bytes = asked.bytes;
            }
            b"server/1.test" => {
                reply.body = View::of(
                    br#"{"findings":[{"severity":"info","code":"mirror.ready","item":"mirror","text":"ready"}]}"#,
                );
            }
            _ => {
                reply.status = E_UNSUPPORTED;
                reply.body = View::of(br#"{"code":"mirror.unknown","text":"this plugin only echoes"}"#);
            }
        }
        self.send(&reply);
    }
}

/// Runs the plugin's code at the edge: a panic becomes a log line and `otherwise`.
unsafe fn guarded<T>(context: *mut c_void, otherwise: T, call: impl FnOnce(&mut Mirror) -> T) -> T {
    let mirror = &mut *(context as *mut Mirror);
    catch_unwind(AssertUnwindSafe(|| call(mirror))).unwrap_or_else(|_| {
        (*(context as *const Mirror)).log(LOG_ERROR, "mirror.panic", "{}");
        otherwise
    })
}

unsafe extern "C" fn configure(_plugin: *const Plugin, settings: View, _problem: *mut View) -> Status {
    // The host has checked them against the schema in plugin.json and filled in the defaults.
    if settings.size > 0 { OK } else { E_INVALID }
}
unsafe extern "C" fn start(plugin: *const Plugin) -> Status {
    guarded((*plugin).impl_, E_INTERNAL, |mirror| mirror.start())
}
unsafe extern "C" fn stop(_plugin: *const Plugin) {
    // The timer fires no more after stop() has returned; nothing else goes on.
}
unsafe extern "C" fn destroy(plugin: *const Plugin) {
    drop(Box::from_raw((*plugin).impl_ as *mut Mirror));
}
unsafe extern "C" fn on_message(plugin: *const Plugin, message: *const Message) {
    guarded((*plugin).impl_, (), |mirror| mirror.answer(&*message))
}
unsafe extern "C" fn on_writable(plugin: *const Plugin) {
    // The state is the only event, and can always be sent again.
    guarded((*plugin).impl_, (), |mirror| mirror.say_connected())
}
unsafe extern "C" fn connected(context: *mut c_void) {
    guarded(context, (), |mirror| mirror.say_connected())
}

unsafe extern "C" fn create(host: *const Host, server_type: View) -> *const Plugin {
    if server_type.bytes() != b"mirror" {
        return std::ptr::null();
    }
    let table = Plugin { impl_: std::ptr::null_mut(), configure, start, stop, destroy, on_message, on_writable };
    let mirror = Box::into_raw(Box::new(Mirror { table, host }));
    (*mirror).table.impl_ = mirror as *mut c_void;
    &(*mirror).table
}

#[no_mangle]
#[allow(non_upper_case_globals)]
pub static jf_plugin_entry_1: Entry = Entry {
    magic: ABI_MAGIC,
    abi_major: ABI_MAJOR,
    abi_minor: ABI_MINOR,
    size: std::mem::size_of::<Entry>() as u32,
    build: View::of(b"Rust example"),
    create,
};

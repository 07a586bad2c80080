// SPDX-License-Identifier: Apache-2.0
//! The frozen C ABI of include/jackfield/abi/ as Rust sees it: entry, instance, host, message, timer. The headers say
//! what each function may be called from and who owns what; the sizes at the end hold the two together.
#![allow(dead_code)]

use std::ffi::c_void;

pub const ABI_MAGIC: u32 = 0x4a41434b;
pub const ABI_MAJOR: u32 = 1;
pub const ABI_MINOR: u32 = 0;

pub type Status = i32;
pub const OK: Status = 0;
pub const E_INVALID: Status = 1;
pub const E_UNSUPPORTED: Status = 5;
pub const E_INTERNAL: Status = 11;

pub const REQUEST: u32 = 1;
pub const REPLY: u32 = 2;
pub const EVENT: u32 = 3;

pub const LOG_INFO: i32 = 1;
pub const LOG_ERROR: i32 = 3;

/// Octets of the caller, valid during the call that passes them.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct View {
    pub data: *const u8,
    pub size: u64,
}

impl View {
    pub const EMPTY: View = View { data: std::ptr::null(), size: 0 };

    pub const fn of(text: &[u8]) -> View {
        View { data: text.as_ptr(), size: text.len() as u64 }
    }

    /// # Safety
    /// Only inside the call that passed the view.
    pub unsafe fn bytes<'a>(self) -> &'a [u8] {
        if self.size == 0 {
            return &[];
        }
        std::slice::from_raw_parts(self.data, self.size as usize)
    }
}

#[repr(C)]
pub struct Message {
    pub kind: u32,
    pub flags: u32,
    pub id: u64,
    pub timeout_ms: u32,
    pub status: Status,
    pub channel: u32,
    pub credit: u32,
    pub name: View,
    pub body: View,
    pub bytes: View,
}

impl Message {
    pub const fn new(kind: u32, id: u64) -> Message {
        Message {
            kind,
            flags: 0,
            id,
            timeout_ms: 0,
            status: OK,
            channel: 0,
            credit: 0,
            name: View::EMPTY,
            body: View::EMPTY,
            bytes: View::EMPTY,
        }
    }
}

#[repr(C)]
pub struct Host {
    impl_: *mut c_void,
    pub send: unsafe extern "C" fn(*const Host, *const Message) -> Status,
    pub log: unsafe extern "C" fn(*const Host, i32, View, View),
    pub service: unsafe extern "C" fn(*const Host, View) -> *const c_void,
    pub now_ms: unsafe extern "C" fn(*const Host) -> u64,
}

#[repr(C)]
pub struct Plugin {
    pub impl_: *mut c_void,
    pub configure: unsafe extern "C" fn(*const Plugin, View, *mut View) -> Status,
    pub start: unsafe extern "C" fn(*const Plugin) -> Status,
    pub stop: unsafe extern "C" fn(*const Plugin),
    pub destroy: unsafe extern "C" fn(*const Plugin),
    pub on_message: unsafe extern "C" fn(*const Plugin, *const Message),
    pub on_writable: unsafe extern "C" fn(*const Plugin),
}

#[repr(C)]
pub struct Entry {
    pub magic: u32,
    pub abi_major: u32,
    pub abi_minor: u32,
    pub size: u32,
    pub build: View,
    pub create: unsafe extern "C" fn(*const Host, View) -> *const Plugin,
}
// Its pointers are to constants.
unsafe impl Sync for Entry {}

pub const TIMER_SERVICE: &[u8] = b"jackfield.timer/1";

#[repr(C)]
pub struct TimerService {
    pub set: unsafe extern "C" fn(
        *const Host,
        u64,
        unsafe extern "C" fn(*mut c_void),
        *mut c_void,
        *mut u64,
    ) -> Status,
    pub cancel: unsafe extern "C" fn(*const Host, u64),
}

const _: () = assert!(std::mem::size_of::<Message>() == 80);
const _: () = assert!(std::mem::size_of::<Host>() == 40);
const _: () = assert!(std::mem::size_of::<Plugin>() == 56);
const _: () = assert!(std::mem::size_of::<Entry>() == 40);

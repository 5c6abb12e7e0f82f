//! gRPC through the shield, by a real library at both ends.

use crate::fixtures::authority::{Authority, Issued, Until};
use crate::fixtures::ports::free_address;
use crate::fixtures::program::{PYTHON, Running, needs_python};
use crate::fixtures::{Folder, HOST, SOON, Setup, Shield, figure, run, wait_for};
use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};

const ORIGIN: &str = include_str!("grpc/origin.py");
const CLIENT: &str = include_str!("grpc/client.py");
/// What the client says beside the kinds of call.
const BESIDE: [&str; 8] =
    ["metadata", "poured", "status", "deadline", "large", "cancel", "at once", "kind unary"];

#[test]
fn all_four_kinds_of_grpc_call_pass_with_metadata_status_deadlines_and_cancellation() {
    let test = "grpc::all_four_kinds_of_grpc_call_pass…";
    if !needs_python(test, &["grpc"]) {
        return;
    }
    let folder = Folder::new();
    let authority = Authority::new(&folder, "authority");
    let own = authority.issue(&folder, ("own", &["127.0.0.1"]), Until::Later);
    let bundle = format!("origin_ca = {:?}", authority.bundle.display().to_string());
    let client = folder.write("client.py", CLIENT);
    for (scheme, shown) in [("h2c", None), ("h2", Some(&own))] {
        let address = free_address();
        let _origin = origin(&folder, address, shown);
        // A conversation may be silent for longer than a body that is due.
        let setup =
            Setup::before_url(&format!("{scheme}://{address}")).tables("[timeouts]\nbody = \"1s\"");
        let setup = if shown.is_some() { setup.platform(&bundle) } else { setup };
        let shield = Shield::start(&setup);
        let mut command = Command::new(PYTHON);
        command.arg(&client).args([setup.tls.to_string().as_str(), HOST]);
        let ran = run(command.arg(&setup.certificate.chain), SOON * 3);
        assert_eq!(ran.code, Some(0), "{scheme}: {}{}{}", ran.out, ran.err, shield.err());
        let held: BTreeSet<_> = ran.out.lines().collect();
        assert!(BESIDE.iter().all(|what| held.contains(what)), "{scheme}: {held:?}");
        let kinds = held.iter().filter(|what| what.starts_with("kind ")).count();
        figure("grpc.kinds", kinds, "kinds");
        assert_eq!(kinds, 4, "{scheme}: {held:?}");
    }
}

fn origin(folder: &Folder, address: SocketAddr, shown: Option<&Issued>) -> Running {
    let program = folder.write("origin.py", ORIGIN);
    let mut command = Command::new(PYTHON);
    command.arg(program).arg(address.to_string());
    if let Some(Issued { chain, key }) = shown {
        command.arg(chain).arg(key);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let running = Running::start(&mut command);
    wait_for("answer of the gRPC origin", SOON, || TcpStream::connect(address).ok());
    running
}

import { memo, type ReactNode } from "react";

// The four of the team, drawn once each. A sleeping one closes its eyes.

const ink = "#2a2333";
const rice = "#fffaf1";
const riceShade = "#efe4d3";

type Face = {
  x: number;
  y: number;
  apart: number;
  eye?: number;
  mouth: number;
  cheek: string;
  cheeks: [number, number];
};

function Eyes({ face, asleep }: { face: Face; asleep: boolean }) {
  const eyes = [face.x - face.apart, face.x + face.apart];
  if (asleep) {
    const lids = eyes.map((x) => `M${x - 2.4} ${face.y}q2.4 2.2 4.8 0`).join("");
    return <path d={lids} fill="none" stroke={ink} strokeWidth="1.7" strokeLinecap="round" />;
  }
  return eyes.map((x) => (
    <g key={x}>
      <circle cx={x} cy={face.y} r={face.eye ?? 2} fill={ink} />
      <circle cx={x + 0.7} cy={face.y - 0.7} r=".65" fill="#fff" />
    </g>
  ));
}

function FaceOf({ face, asleep, children }: { face: Face; asleep: boolean; children?: ReactNode }) {
  const [offset, cheekY] = face.cheeks;
  return (
    <>
      {[-offset, offset].map((dx) => (
        <ellipse key={dx} cx={face.x + dx} cy={cheekY} rx="2.6" ry="1.7" fill={face.cheek} opacity=".75" />
      ))}
      <Eyes face={face} asleep={asleep} />
      {children}
      <path
        d={`M${face.x - 2.4} ${face.mouth}q2.4 2.4 4.8 0`}
        fill="none"
        stroke={ink}
        strokeWidth="1.6"
        strokeLinecap="round"
      />
    </>
  );
}

/** A bowl of soup; it steams while awake. */
function Miso({ asleep }: { asleep: boolean }) {
  return (
    <>
      <path
        d="M18.5 12.5c-2-2.300 1.800-3.400 0-6.500M25 11.500c-2.300-2.600 2-3.900 0-7.500M31 12.500c-2-2.300 1.800-3.400 0-6.500"
        fill="none"
        stroke="#f9a8d4"
        strokeWidth="1.900"
        strokeLinecap="round"
        opacity={asleep ? 0.35 : 0.95}
      />
      <path d="M17 38h14v3.200a2 2 0 0 1-2 2H19a2 2 0 0 1-2-2Z" fill="#a92c6c" />
      <path d="M5 20.500h38c0 11.500-7.700 19.500-19 19.500S5 32 5 20.500Z" fill="#ee6db0" />
      <path
        d="M5 20.500h38c0 2.300-.3 4.400-.9 6.400C39 24.500 33 23.800 24 23.800s-15 .7-18.100 3.100A22 22 0 0 1 5 20.500Z"
        fill="#d94f98"
      />
      <ellipse cx="24" cy="20.500" rx="19" ry="4.900" fill="#b83279" />
      <ellipse cx="24" cy="20.700" rx="16.300" ry="3.500" fill="#edb878" />
      <rect x="15" y="17.700" width="6.500" height="4" rx="1.200" fill={rice} />
      <rect x="22.500" y="18.700" width="5" height="3.400" rx="1" fill={rice} />
      <circle cx="31.500" cy="20.600" r="1.500" fill="none" stroke="#3f9a5f" strokeWidth="1.300" />
      <FaceOf
        asleep={asleep}
        face={{ x: 24, y: 30, apart: 5.8, mouth: 32.8, cheek: "#ffd0e6", cheeks: [10, 33.3] }}
      />
    </>
  );
}

/** A rice ball in its seaweed. */
function Nori({ asleep }: { asleep: boolean }) {
  return (
    <>
      <path
        d="M24 5.500c3.200 0 5.400 1.700 7.200 4.800l11 19.200c3 5.300.2 12-6.200 12H12c-6.400 0-9.200-6.700-6.200-12l11-19.200c1.800-3.100 4-4.800 7.200-4.800Z"
        fill={rice}
      />
      <path
        d="M36 41.500c5.600 0 8.300-5.400 6.900-10.200-1.700 4.300-5.200 6.300-10.100 6.300H15.200c-4.900 0-8.400-2-10.100-6.300-1.400 4.800 1.300 10.200 6.900 10.200Z"
        fill={riceShade}
      />
      <path d="M15.500 32.500a2 2 0 0 1 2-2h13a2 2 0 0 1 2 2v9h-17Z" fill="#27362f" />
      <path
        d="M18.500 33.500v5M22 33.500v6M26 33.500v6M29.500 33.500v5"
        stroke="#3f5348"
        strokeWidth="1"
        strokeLinecap="round"
      />
      <FaceOf
        asleep={asleep}
        face={{ x: 24, y: 22.4, apart: 5.5, mouth: 25.6, cheek: "#fbbf24", cheeks: [10.4, 26.2] }}
      />
    </>
  );
}

/** An egg with curls and spectacles. */
function Koji({ asleep }: { asleep: boolean }) {
  return (
    <>
      <path
        d="M24 9.500c9.800 0 15.500 7.200 15.500 16.700C39.500 36.500 33 43 24 43S8.500 36.500 8.500 26.200C8.500 16.700 14.200 9.500 24 9.500Z"
        fill={rice}
      />
      <path
        d="M39.200 29.500c-1.200 8.200-7.300 13.500-15.200 13.500S10 37.700 8.800 29.500c2.700 5.900 8.300 9.300 15.200 9.300s12.500-3.400 15.200-9.300Z"
        fill={riceShade}
      />
      <g fill="#7079ea">
        <circle cx="14.200" cy="13.200" r="4.400" />
        <circle cx="33.800" cy="13.200" r="4.400" />
        <circle cx="19.600" cy="9" r="5" />
        <circle cx="28.400" cy="9" r="5" />
        <circle cx="24" cy="12.500" r="5" />
      </g>
      <g fill="#aab2ff">
        <circle cx="18.600" cy="7.700" r="1.600" />
        <circle cx="27.300" cy="7.700" r="1.600" />
        <circle cx="13.200" cy="12" r="1.300" />
      </g>
      <FaceOf
        asleep={asleep}
        face={{ x: 24, y: 26.6, apart: 6.4, eye: 1.9, mouth: 34, cheek: "#c7cbff", cheeks: [11.4, 32.2] }}
      >
        <g fill="none" stroke="#3c3f8f" strokeWidth="1.700">
          <circle cx="17.600" cy="26.500" r="5.300" />
          <circle cx="30.400" cy="26.500" r="5.300" />
          <path d="M22.900 25.800q1.100-.9 2.200 0" />
        </g>
      </FaceOf>
    </>
  );
}

/** A piece of nigiri with a leaf. */
function Toro({ asleep }: { asleep: boolean }) {
  return (
    <>
      <path
        d="M36.500 15.500c1.200-5.600 4.400-7.700 8.200-8-.1 5.200-1.600 9.300-5.700 11.300Z"
        fill="#34c48f"
      />
      <path
        d="M38.400 16.300c1.400-2.900 2.900-5 5.100-7.300"
        stroke="#1f8f66"
        strokeWidth="1"
        fill="none"
        strokeLinecap="round"
      />
      <rect x="6" y="21" width="36" height="20.500" rx="10" fill={rice} />
      <path
        d="M6.500 33.500c1.600 4.900 5 8 9.500 8h16c4.500 0 7.900-3.100 9.500-8-2.400 2.700-5.500 3.800-9.500 3.800H16c-4 0-7.100-1.100-9.500-3.800Z"
        fill={riceShade}
      />
      <path
        d="M3.800 23.700C3.800 14.600 12 10.500 24 10.500s20.200 4.100 20.200 13.200c0 3.600-3.200 4.700-6.300 3.200-4-1.900-8.300-2.700-13.900-2.700s-9.900.8-13.900 2.700c-3.100 1.500-6.300.4-6.300-3.200Z"
        fill="#fb9c93"
      />
      <path
        d="M11.500 14.800c1.800 2.200 2.300 5.600 1.900 9M20.300 11.300c2 3 2.600 7.600 2.300 12.400M29 11.300c2 3.300 2.500 7.700 2.100 12.500M36.800 14.200c1.600 2.600 2.100 6.200 1.700 10"
        stroke="#ffd3cb"
        strokeWidth="2"
        fill="none"
        strokeLinecap="round"
      />
      <FaceOf
        asleep={asleep}
        face={{ x: 24, y: 31, apart: 6.4, mouth: 33.6, cheek: "#8ff0c8", cheeks: [11, 34] }}
      />
    </>
  );
}

const drawings: Record<string, (props: { asleep: boolean }) => ReactNode> = {
  architect: Miso,
  coder: Nori,
  reviewer: Koji,
  tester: Toro,
};

/** The mascot of a role on its tile. `size` in pixels. Decoration: the name is written beside it. */
export const Mascot = memo(function Mascot({
  role,
  size,
  asleep = false,
}: {
  role: string;
  size: number;
  asleep?: boolean;
}) {
  const Drawing = drawings[role] ?? Nori;
  return (
    <span className={`tile is-${role}`} style={{ width: size, height: size }} aria-hidden="true">
      <svg viewBox="0 0 48 48" className="size-[86%]">
        <Drawing asleep={asleep} />
      </svg>
    </span>
  );
});

/** The brush circle: the product's mark, and the ring around an empty place. */
export function Enso({ size, className = "" }: { size: number; className?: string }) {
  return (
    <svg width={size} height={size} viewBox="0 0 40 40" aria-hidden="true" className={className}>
      <path
        fill="currentColor"
        d="M27.600 5.800C20.400 2.200 11.400 4.400 6.700 11.400 1.700 18.900 3.200 29.300 10.300 34.500c7.300 5.300 17.800 3.900 23.200-3.300 4.300-5.700 4.500-13.600.6-19.500-.9-1.300-2.400-.4-1.800.9 2.700 5.200 2.300 11.500-1.300 16-4.500 5.600-12.800 6.700-18.500 2.300-5.600-4.300-6.600-12.400-2.500-18.200C13.600 7.700 20 5.700 26.300 7.900c1.500.5 2.700-1.400 1.300-2.100Z"
      />
    </svg>
  );
}

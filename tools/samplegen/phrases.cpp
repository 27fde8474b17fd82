#include "samplegen/phrases.hpp"

namespace amphora::samplegen::phrases {

const std::array<Person, 48> people{{
    {"김민준", "kim.minjun"},
    {"이서연", "lee.seoyeon"},
    {"박지후", "park.jihu"},
    {"최수아", "choi.sua"},
    {"정하준", "jung.hajun"},
    {"강다은", "kang.daeun"},
    {"조현우", "cho.hyunwoo"},
    {"윤채원", "yoon.chaewon"},
    {"장도윤", "jang.doyun"},
    {"임소율", "lim.soyul"},
    {"한지민", "han.jimin"},
    {"오세훈", "oh.sehun"},
    {"남궁민수", "namgung.minsu"},
    {"선우은숙", "sunwoo.eunsook"},
    {"Ada Lovelace", "ada.lovelace"},
    {"Zoë O'Brien", "zoe.obrien"},
    {"Jürgen Müller", "juergen.mueller"},
    {"José García", "jose.garcia"},
    {"Łukasz Żak", "lukasz.zak"},
    {"Søren Ødegård", "soren.odegard"},
    {"Nguyễn Thị Hoa", "nguyen.hoa"},
    {"Trần Văn Đức", "tran.duc"},
    {"佐藤 陽菜", "sato.hina"},
    {"鈴木 大翔", "suzuki.hiroto"},
    {"高橋 さくら", "takahashi.sakura"},
    {"王小明", "wang.xiaoming"},
    {"李娜", "li.na"},
    {"Олена Шевченко", "olena.shevchenko"},
    {"Дмитрий Иванов", "dmitry.ivanov"},
    {"Γιώργος Παπάς", "george.papas"},
    {"فاطمة الزهراء", "fatima.zahra"},
    {"محمد علي", "mohammed.ali"},
    {"प्रिया शर्मा", "priya.sharma"},
    {"สมชาย ใจดี", "somchai.jaidee"},
    {"Ayşe Yılmaz", "ayse.yilmaz"},
    {"Sigríður Jónsdóttir", "sigridur.jons"},
    {"Chloé Lefèvre", "chloe.lefevre"},
    {"Mary-Jane Watson", "mj.watson"},
    {"D'Angelo Brown, Jr.", "dangelo.brown"},
    {"Renée \"Ren\" Dubois", "ren.dubois"},
    {"Sean O’Casey", "sean.ocasey"},
    {"Björk", "bjork"},
    {"Kwame Nkrumah", "kwame.n"},
    {"Amara Okafor", "amara.okafor"},
    {"Isabel Ñíguez", "isabel.niguez"},
    {"Test User", "test.user"},
    {"Lee", "lee"},
    {"민지 🌱", "minji"},
}};

const std::array<Region, 12> regions{{
    {"서울특별시", 126978000, 37566500},
    {"부산광역시", 129075600, 35179600},
    {"대구광역시", 128601400, 35871400},
    {"인천광역시", 126705200, 37456300},
    {"광주광역시", 126852600, 35159500},
    {"대전광역시", 127384500, 36350400},
    {"울산광역시", 129311400, 35538400},
    {"세종특별자치시", 127289000, 36480000},
    {"경기도", 127009600, 37274800},
    {"강원특별자치도", 127729800, 37885300},
    {"전북특별자치도", 127108800, 35820300},
    {"제주특별자치도", 126498300, 33489000},
}};

const std::array<std::string_view, 20> store_places{
    "한강",     "남산",     "북촌",   "서촌",     "성수",   "연남",     "망원",
    "해운대",   "광안리",   "동성로", "월미도",   "무등산", "유성",     "태화강",
    "호수공원", "수원화성", "춘천",   "한옥마을", "애월",   "Blue Door"};
const std::array<std::string_view, 6> store_kinds{"RESTAURANT", "CAFE",    "BAR",
                                                  "RETAIL",     "SERVICE", "OTHER"};
const std::array<std::string_view, 6> store_endings{"식당", "카페",   "주점",
                                                    "상회", "사진관", "공방"};
const std::array<std::string_view, 10> streets{"세종대로",   "테헤란로",   "중앙로", "해변로",
                                               "월드컵북로", "은행나무길", "시청길", "대학로",
                                               "강변로",     "장미마을길"};

const std::array<std::string_view, 14> missions{"12,000원 이상 식사하기",
                                                "아메리카노 두 잔 주문하기",
                                                "친구와 함께 방문하기",
                                                "포토존에서 사진 찍고 올리기",
                                                "오전 11시 이전에 방문하기",
                                                "계절 메뉴 맛보기",
                                                "리뷰에 사진 세 장 올리기",
                                                "평일 저녁 방문하기",
                                                "Bring your own cup",
                                                "Try the dish of the day",
                                                "Order \"the usual\", then ask what it is",
                                                "Visit twice within a week",
                                                "텀블러 가져오기 ♻",
                                                "아이와 함께 방문하기"};

const std::array<std::string_view, 18> reviews{"정말 맛있어요! 다음에 또 올게요.",
                                               "분위기가 좋고, 직원분들이 친절합니다.",
                                               "가격 대비 양이 많아요.",
                                               "주말에는 줄이 길어요. 평일 추천!",
                                               "음식이 조금 짰지만 전체적으로 만족합니다.",
                                               "주차가 어려워요.\n대중교통을 이용하세요.",
                                               "Best 김치찌개 I ever had.",
                                               "Nice staff, slow service.",
                                               "\"Hidden gem\" is the right word.",
                                               "Too loud for a quiet evening.",
                                               "커피 향이 오래 남네요 ☕",
                                               "기대했던 것보다 별로였어요.",
                                               "사장님이 추천해 주신 메뉴가 최고.",
                                               "Très bon accueil, on reviendra.",
                                               "また来たいです。",
                                               "포장도 깔끔하고 빨라요.",
                                               "재료가 신선해요. 특히 해산물!",
                                               "보통이에요."};

const std::array<std::string_view, 8> inquiry_titles{
    "포인트가 안 들어왔어요",  "전화번호를 바꾸고 싶어요", "미션 기한 문의",       "리뷰 삭제 요청",
    "Cannot upload a picture", "가게 정보가 달라요",       "알림을 끄고 싶습니다", "결제 오류"};
const std::array<std::string_view, 8> inquiries{
    "어제 미션을 성공했는데, 포인트가 그대로입니다.",
    "번호가 바뀌었습니다. 어떻게 하나요?",
    "기한이 지나면 다시 도전할 수 있나요?",
    "실수로 두 번 올렸어요. 하나를 지워 주세요.",
    "The app says \"too large\", but the file has 2 MB.",
    "영업시간이 앱과 다릅니다.\n확인 부탁드려요.",
    "밤에는 알림이 오지 않게 해 주세요.",
    "화면이 멈춘 뒤 다시 시작했습니다."};

const std::array<std::string_view, 12> topics{
    "fractions",   "ratios",      "linear equations", "word problems",
    "geometry",    "probability", "reading charts",   "units",
    "percentages", "sequences",   "negative numbers", "order of operations"};
const std::array<std::string_view, 8> diagnoses{
    "understands the idea, loses the thread in long tasks",
    "calculates fast, checks too little",
    "confident with numbers, unsure with texts",
    "steady progress after a slow start",
    "guesses where a sketch would help",
    "masters the basics, ready for more",
    "문장제에서 조건을 빠뜨리는 경우가 많음",
    "개념 이해는 충분하나 계산 실수가 잦음"};
const std::array<std::string_view, 8> recommendations{
    "Draw the problem before you calculate.",
    "Do five short tasks a day instead of twenty on Sunday.",
    "Explain one solution to somebody else.",
    "Check the unit of every result.",
    "틀린 문제를 다음 날 다시 풀어 보세요.",
    "Start with an estimate.",
    "풀이 과정을 한 줄씩 적어 보세요.",
    "Take a break after 25 minutes."};
const std::array<std::string_view, 8> encouragements{"Keep going, one step a day.",
                                                     "You have come a long way since March.",
                                                     "오늘도 한 걸음 나아갔어요!",
                                                     "Mistakes are where learning happens.",
                                                     "That was a hard one, and you stayed with it.",
                                                     "잘하고 있어요. 천천히 가도 괜찮아요.",
                                                     "Your patience pays off.",
                                                     "Try the bonus task, you are ready."};

const std::array<std::string_view, 6> cancel_reasons{
    "일정이 겹쳤어요",          "감기에 걸려서 다음 주로 미루고 싶습니다",
    "Travelling, sorry",        "시험 기간입니다",
    "Need another day, please", "개인 사정"};
const std::array<std::string_view, 8> coach_feedback{
    "Came prepared, asked good questions.",
    "목표를 더 작게 나누면 좋겠습니다.",
    "Very helpful hour, thank you!",
    "다음 시간까지 예제를 세 개 풀어 오기로 했어요.",
    "We agreed on a plan for the next four weeks.",
    "설명이 명확하고 친절했습니다.",
    "A bit rushed at the end, still worth it.",
    "꾸준함이 가장 큰 장점입니다."};

}  // namespace amphora::samplegen::phrases
